import type { TariffType } from "#core/ocpp/v21/generated/schemas.ts"
import type { Evse } from "./Evse.ts"
import type { EvseHost } from "./EvseHost.ts"
import { tellChange } from "./tellings.ts"

/** What a station answers that is to price a running transaction by another tariff (2.1, ChangeTransactionTariff). */
export type TariffChange = "Accepted" | "ConditionNotSupported" | "NoCurrencyChange" | "TxNotFound"

/**
 * Prices what is charged from now on by another tariff; what was charged stays as it was priced (2.1 use case I11), and a
 * reading with the trigger TariffChanged follows the answer, by which the two are told apart.
 */
export const changeTariff = (
  host: EvseHost,
  evses: ReadonlyArray<Evse>,
  transactionId: string,
  wire: TariffType
): TariffChange => {
  const evse = evses.find((each) => each.transaction?.wireId === transactionId)
  const running = evse?.transaction
  if (evse === undefined || running == null) return "TxNotFound"
  const tariff = host.screen.prices.read(wire)
  if (tariff === undefined) return "ConditionNotSupported"
  const { ownTariff } = running
  if (ownTariff !== null && ownTariff.currency !== tariff.currency) return "NoCurrencyChange"
  host.timers.soon(() => {
    if (evse.transaction !== running || running.isOver) return
    const reading = evse.outlet.read("Other", ["Energy.Active.Import.Register"])
    tellChange(host, running, { reading, phase: evse.phase }, () =>
      host.voice.repriced(running, evse.phase, reading, !host.isOnline())
    )
    running.pricedBefore = [...running.pricedBefore, { tariff: ownTariff, untilMs: reading.atMs }]
    running.ownTariff = tariff
  })
  return "Accepted"
}
