import fc from "fast-check"

/** One seed for all properties, so that a test that passed passes again; `PROPERTY_SEED=N` looks elsewhere. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env["PROPERTY_SEED"] ?? 1) })

export default fc
