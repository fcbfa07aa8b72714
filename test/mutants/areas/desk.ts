import type { Mutant } from "../Mutant.ts"

const outcomes = "server/operations/outcomes.ts"
const v16 = "server/operations/translate16.ts"
const v2x = "server/operations/translate2x.ts"
const cached = "server/directory/cached.ts"

/** What operators and drivers' phones ask of stations. */
export const operations: ReadonlyArray<Mutant> = [
  {
    id: "reset-swapped",
    area: "operations",
    why: "A reset on idle resets at once and ends the charges: Hard and Soft are swapped.",
    file: v16,
    find: 'operation.when === "now" ? "Hard" : "Soft"',
    replace: 'operation.when === "now" ? "Soft" : "Hard"'
  },
  {
    id: "unlock-failed-is-success",
    area: "operations",
    why: "UnlockFailed is shown to the operator as done: anything but Rejected counts as agreement.",
    file: outcomes,
    find: "accepted: agreeing.has(status),",
    replace: 'accepted: status !== "Rejected",'
  },
  {
    id: "scheduled-is-refusal",
    area: "operations",
    why: "Scheduled is told as a refusal, so operators ask again and again.",
    file: outcomes,
    find: 'new Set(["Accepted", "Scheduled", "RebootRequired", "Unlocked"])',
    replace: 'new Set(["Accepted", "RebootRequired", "Unlocked"])'
  },
  {
    id: "unlock-first-connector",
    area: "operations",
    why: "Unlock always opens connector 1, whichever was asked for.",
    file: v16,
    find: "peer.call(actions.UnlockConnector, { connectorId: operation.evseId })",
    replace: "peer.call(actions.UnlockConnector, { connectorId: 1 })"
  },
  {
    id: "availability-inverted",
    area: "operations",
    why: "Closing a station opens it: the flag is read the wrong way round.",
    file: v2x,
    find: 'operationalStatus: operation.available ? "Operative" : "Inoperative",',
    replace: 'operationalStatus: operation.available ? "Inoperative" : "Operative",'
  },
  {
    id: "remote-start-at-1",
    area: "operations",
    why: "A start by app begins at connector 1, whichever the driver stands at.",
    file: v16,
    find: "{ connectorId: operation.evseId, idTag: operation.tokenUid }",
    replace: "{ connectorId: 1, idTag: operation.tokenUid }"
  },
  {
    id: "remote-stop-by-our-id",
    area: "operations",
    why: "A stop by app names our own id instead of the station's, which refuses it.",
    file: v2x,
    find: "{ transactionId: transaction!.ocppId }",
    replace: "{ transactionId: transaction!.id }"
  },
  {
    id: "no-answer-is-yes",
    area: "operations",
    why: "A station that does not answer in time is shown to have agreed.",
    file: outcomes,
    find: 'return { _tag: "TimedOut" }',
    replace: 'return { _tag: "Answered", accepted: true, status: "Accepted", detail: null, values: [] }'
  }
]

/** Cards, prices and stations as looked up, and the cache before them. */
export const directory: ReadonlyArray<Mutant> = [
  {
    id: "card-cached-for-ever",
    area: "directory",
    why: "A card that was blocked goes on charging where it was cached: a change does not reach the cache.",
    file: cached,
    find: "tokens.changing(canonicalUid(token.uid), source.updateToken(token))",
    replace: "source.updateToken(token)",
    store: "postgres"
  },
  {
    id: "prices-cached-for-ever",
    area: "directory",
    why: "A new price is never used until the server restarts: the tariff was cached.",
    file: cached,
    find: "tariffs.changing(tariff.id, source.publishTariff(tariff))",
    replace: "source.publishTariff(tariff)",
    store: "postgres"
  },
  {
    id: "station-read-once",
    area: "directory",
    why: "What the operator changes of a station is only seen when it connects anew: its tariff is that of long ago.",
    file: "server/station/StationOwner.ts",
    find: "this.station = station ?? this.station\n      return this.station",
    replace: "return this.station"
  }
]
