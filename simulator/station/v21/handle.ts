import type { Request, Response } from "#core/ocpp/Action.ts"
import type { Actions } from "#core/ocpp/v21/generated/actions.ts"
import type { Commands } from "../Commands.ts"

/** What a 2.1 station does that prices by itself (block I); others offer none of it. */
type Obey = {
  readonly [Name in keyof Actions]?: (commands: Commands, request: Request<Actions[Name]>) => Response<Actions[Name]>
}

export const pricing = {
  SetDefaultTariff: ({ screen }, { evseId, tariff }) => ({
    status: screen.prices.set(evseId, tariff) ? "Accepted" : "ConditionNotSupported"
  }),
  GetTariffs: ({ screen }, { evseId }) => {
    const tariffAssignments = screen.prices.assigned(evseId)
    return tariffAssignments.length === 0 ? { status: "NoTariff" } : { status: "Accepted", tariffAssignments }
  },
  ChangeTransactionTariff: (commands, { transactionId, tariff }) => ({
    status: commands.changeTariff(transactionId, tariff)
  }),
  // A charge that runs keeps its own (I10.FR.04).
  ClearTariffs: ({ screen }, { evseId, tariffIds }) => {
    const cleared = screen.prices.clear(evseId, tariffIds)
    return {
      clearTariffsResult:
        cleared.length === 0
          ? [{ status: "NoTariff" }]
          : cleared.map((tariffId) => ({ tariffId, status: "Accepted" as const }))
    }
  }
} satisfies Obey
