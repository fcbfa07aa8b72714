import type * as Stream from "#simulator/Stream.ts"

const echoed = /^\[2,"[^"]*","(MeterValues|StartTransaction|StopTransaction|TransactionEvent)"/

/** Soon enough to meet the next message, or so late that the transaction is over. */
export const echoAfterMs = (share: number, text: string, luck: Stream.Stream): number | undefined =>
  luck.chance(share) && echoed.test(text) ? luck.int(1_000, 3 * 3_600_000) : undefined
