import * as Instant from "#core/Instant.ts"
import { type Reading, shownMilliWh } from "./Transaction.ts"

/**
 * A reading as an Open Charge Metering Format record without its signature: the payload section alone, with the reading
 * marked as of a test mode, because the simulation has no meter's key. Nothing may be billed by it.
 */
export const ocmfOf = ({ atMs, context, registerMilliWh, registerWh }: Reading): string => {
  const reading = {
    TM: `${Instant.format(atMs).replace(".", ",").replace("Z", "+0000")} S`,
    TX: context === "Transaction.Begin" ? "B" : "E",
    RV: shownMilliWh(registerMilliWh, registerWh) / 1_000_000,
    RI: "1-b:1.8.0",
    RU: "kWh",
    ST: "T"
  }
  return `OCMF|${JSON.stringify({ FV: "1.0", PG: "T1", MS: "SIMULATED", RD: [reading] })}|{"SA":"","SD":""}`
}
