import type { Sample, SampleContext } from "#core/transaction/Sample.ts"

/** meterStart and meterStop: a register and nothing else. */
export const onlyRegister = (atMs: number, context: SampleContext, registerWh: number): Sample => ({
  atMs,
  context,
  registerWh,
  powerW: null,
  currentMa: null,
  voltageMv: null,
  socPercent: null,
  extra: null,
  seqNo: null
})
