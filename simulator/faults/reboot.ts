import { type Fault, overAtOnce } from "./Fault.ts"

/**
 * The firmware crashes and boots again by itself, transactions or not.
 */
export const reboot = (parameters: { readonly withMemory: boolean }): Fault => ({
  name: parameters.withMemory ? "reboot" : "reboot without memory",
  parameters,
  strike: ({ station }) => {
    station.crash(parameters.withMemory)
    return overAtOnce
  }
})
