import { Effect } from "effect"
import type { AnswerInvalid, CallFailure } from "#core/ocpp/CallFailure.ts"
import type { Outcome } from "./Operation.ts"

/** Station's words that mean it did, or will do, what was asked. */
const agreeing: ReadonlySet<string> = new Set(["Accepted", "Scheduled", "RebootRequired", "Unlocked"])

/** A response that has a status, and in 2.x perhaps a reason for it. */
export const answered = (
  call: Effect.Effect<
    {
      readonly status: string
      readonly statusInfo?: { readonly reasonCode: string; readonly additionalInfo?: string }
    },
    CallFailure
  >
): Effect.Effect<Outcome, CallFailure> =>
  Effect.map(call, ({ status, statusInfo }) => ({
    _tag: "Answered",
    accepted: agreeing.has(status),
    status,
    detail: statusInfo === undefined ? null : [statusInfo.reasonCode, statusInfo.additionalInfo].join(" ").trim(),
    values: []
  }))

/** Not asked at all, and why. */
export const impossible = (why: string): Effect.Effect<Outcome> => Effect.succeed({ _tag: "Impossible", why })

/** A call that brought no response, as the outcome it is. */
export const failed = (failure: CallFailure): Outcome => {
  switch (failure._tag) {
    case "CallRefused":
      return { _tag: "Refused", code: failure.code, description: failure.description }
    case "CallTimedOut":
      return { _tag: "TimedOut" }
    case "Disconnected":
      return { _tag: "ConnectionLost" }
    case "AnswerInvalid":
      return { _tag: "Unreadable", why: unreadable(failure) }
    case "TooManyWaiting":
      return { _tag: "Impossible", why: `${failure.limit} operations wait for this station already` }
    case "RequestInvalid":
      return {
        _tag: "Impossible",
        why: `its message would break the schema of ${failure.action} at "${failure.violation?.path ?? ""}" (${failure.violation?.keyword ?? "not JSON"})`
      }
  }
}

const unreadable = ({ action, violation }: AnswerInvalid): string =>
  violation === undefined
    ? "its answer was no OCPP message"
    : `its answer breaks the schema of ${action} at "${violation.path}" (${violation.keyword})`
