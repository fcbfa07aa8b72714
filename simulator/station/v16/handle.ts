import { Effect } from "effect"
import type { Any, Request, Response } from "#core/ocpp/Action.ts"
import { type Actions, actions } from "#core/ocpp/v16/generated/actions.ts"
import type { Commands, ResetKind, TriggeredMessage } from "../Commands.ts"
import { costVendor } from "../Screen.ts"
import { keyNamed, keys } from "./keys.ts"

/** What a 1.6 station does about each CALL it obeys. */
type Obey = {
  readonly [Name in keyof Actions]?: (commands: Commands, request: Request<Actions[Name]>) => Response<Actions[Name]>
}

const getConfiguration = (
  { configuration }: Commands,
  request: Request<Actions["GetConfiguration"]>
): Response<Actions["GetConfiguration"]> => {
  const asked = request.key ?? []
  const named = asked.length === 0 ? keys : asked.flatMap((name) => keyNamed(name) ?? [])
  // AuthorizationKey is never read back (1.6 security whitepaper, section 3).
  const known = named.filter((entry) => entry.access !== "WriteOnly")
  const unknownKey = asked.filter((name) => keyNamed(name) === undefined)
  return {
    configurationKey: known.map((entry) => ({
      key: entry.id,
      readonly: entry.access === "ReadOnly",
      value: configuration.read(entry)
    })),
    ...(unknownKey.length === 0 ? {} : { unknownKey })
  }
}

const changeConfiguration = (
  { configuration }: Commands,
  request: Request<Actions["ChangeConfiguration"]>
): Response<Actions["ChangeConfiguration"]> => {
  const entry = keyNamed(request.key)
  if (entry === undefined) return { status: "NotSupported" }
  return { status: configuration.write(entry, request.value) ? "Accepted" : "Rejected" }
}

const triggerable: ReadonlySet<string> = new Set(["BootNotification", "Heartbeat", "MeterValues", "StatusNotification"])

const resets: Readonly<Record<"Hard" | "Soft", ResetKind>> = { Hard: "hard", Soft: "soft" }

const obey: Obey = {
  RemoteStartTransaction: (commands, { connectorId, idTag }) => {
    const token = { uid: idTag, type: "ISO14443" } as const
    const { accepted } = commands.remoteStart({ token, evseId: connectorId ?? null, remoteStartId: null })
    return { status: accepted ? "Accepted" : "Rejected" }
  },
  RemoteStopTransaction: (commands, { transactionId }) => ({
    status: commands.remoteStop(String(transactionId)) ? "Accepted" : "Rejected"
  }),
  Reset: (commands, { type }) => ({
    status: commands.reset(resets[type]) === "Rejected" ? "Rejected" : "Accepted"
  }),
  UnlockConnector: (commands, { connectorId }) => ({
    status: commands.unlock(connectorId, true) === "Unlocked" ? "Unlocked" : "NotSupported"
  }),
  ChangeAvailability: (commands, { connectorId, type }) => ({
    status: commands.setAvailability(connectorId, type === "Operative")
  }),
  TriggerMessage: (commands, { requestedMessage, connectorId }) => {
    if (!triggerable.has(requestedMessage)) return { status: "NotImplemented" }
    const done = commands.trigger(requestedMessage as TriggeredMessage, connectorId ?? null)
    return { status: done ? "Accepted" : "Rejected" }
  },
  GetConfiguration: getConfiguration,
  ChangeConfiguration: changeConfiguration,
  ClearCache: (commands) => ({ status: commands.clearCache() ? "Accepted" : "Rejected" }),
  DataTransfer: ({ screen }, { vendorId, messageId, data }) => ({
    status: vendorId === costVendor ? screen.transfer(messageId, data) : "UnknownVendorId"
  })
}

const handlers: ReadonlyMap<Any, (commands: Commands, request: never) => unknown> = new Map(
  Object.entries(obey).map(([name, handler]) => [actions[name as keyof Actions] as Any, handler])
)

/** Obeys a CALL of the CMS; undefined for what this station does not offer. */
export const handle = (commands: Commands, action: Any, payload: unknown): Effect.Effect<unknown> | undefined => {
  const handler = handlers.get(action)
  return handler === undefined ? undefined : Effect.succeed(handler(commands, payload as never))
}
