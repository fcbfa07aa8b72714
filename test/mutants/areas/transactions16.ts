// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are source text
import type { Mutant } from "../Mutant.ts"

const area = "transactions 1.6"
const start = "server/ocpp/v16/StartTransaction.ts"
const stop = "server/ocpp/v16/StopTransaction.ts"
const meter = "server/ocpp/v16/MeterValues.ts"
const status = "server/ocpp/v16/StatusNotification.ts"
const whose = "server/ocpp/v16/transactionFor.ts"
const states = "server/station/chargingState.ts"

/** StartTransaction, MeterValues, StopTransaction and what 1.6 leaves open between them. */
export const transactions16: ReadonlyArray<Mutant> = [
  {
    id: "start-key-too-wide",
    area,
    why: "Two short charges of one card become one: a start is recognised by connector, card and register, not by its time.",
    file: start,
    find: "`${request.connectorId}|${request.timestamp}|${request.meterStart}|${request.idTag}`",
    replace: "`${request.connectorId}|${request.meterStart}|${request.idTag}`"
  },
  {
    id: "start-key-without-connector",
    area,
    why: "Two starts of one instant at the two connectors of a station become one transaction.",
    file: start,
    find: "`${request.connectorId}|${request.timestamp}|${request.meterStart}|${request.idTag}`",
    replace: "`${request.timestamp}`"
  },
  {
    id: "start-repeated-is-new",
    area,
    why: "A start sent again after a lost answer begins a second transaction; most open systems do this.",
    file: start,
    find: "startKey: startKeyOf(request),",
    replace: "startKey: `${startKeyOf(request)}|${nowMs}`,"
  },
  {
    id: "repeated-start-0",
    area,
    why: "A retried StartTransaction is answered with transactionId 0, and its StopTransaction(0) dropped: seen in the field.",
    file: "server/station/StationOwner.ts",
    find: "return Effect.succeed({ transaction, judgement: answeredBefore(transaction, judgement, stops) })",
    replace:
      'return Effect.succeed({ transaction: message.startKey === null ? transaction : { ...transaction, ocppId: "0" }, judgement: answeredBefore(transaction, judgement, stops) })'
  },
  {
    id: "refused-start-0",
    area,
    why: "A refused start gets the id 0, so what a station delivers all the same belongs to nothing.",
    file: start,
    find: "transactionId: Number(transaction!.ocppId),",
    replace: 'transactionId: judgement!.status === "Accepted" ? Number(transaction!.ocppId) : 0,'
  },
  {
    id: "unknown-stop-dropped",
    area,
    why: "A stop whose start was lost in a power cut is acknowledged and forgotten.",
    file: stop,
    find: "unknown: { as: orphanId(request) },",
    replace: 'unknown: "ignore",'
  },
  {
    id: "minus-one-taken-as-id",
    area,
    why: "A station that never heard the answer to its start stops transaction -1 (1.6 errata 3.18), which nobody finds.",
    file: whose,
    find: "return beginAtMs(it) <= stop.atMs && isSameMeter",
    replace: "return named !== undefined && beginAtMs(it) <= stop.atMs && isSameMeter"
  },
  {
    id: "nameless-stop-by-another-of-its-group",
    area,
    why: "A stop without an id, with another card of the family, is kept as nobody's beside the one charge that runs.",
    file: stop,
    find: "groupId: token?.groupId ?? null",
    replace: "groupId: null"
  },
  {
    id: "nameless-stop-of-the-next-charge",
    area,
    why: "An unheard charge's readings and stop are taken for those of the one before it, whose stop is on its way.",
    file: whose,
    find: "return again !== undefined && again.atMs <= atMs",
    replace: "return again !== undefined && again.atMs < 0"
  },
  {
    id: "nameless-reading-behind-a-forgotten-charge",
    area,
    why: "What a station that forgot its charge tells of the next one, without an id, is billed to the one that it forgot.",
    file: whose,
    find: "foundWithinMs && it.atMs < atMs",
    replace: "foundWithinMs && it.atMs < 0"
  },
  {
    id: "stop-without-card",
    area,
    why: "A stop without idTag (cable unplugged, power lost) does not end the charge: the handler expects a card.",
    file: stop,
    find: 'kind: "Ended",',
    replace: 'kind: request.idTag === undefined ? "Updated" : "Ended",'
  },
  {
    id: "stop-of-stranger",
    area,
    why: "A random transactionId in StopTransaction ends whatever runs at the station: seen in an open system.",
    file: whose,
    find: "if (named !== undefined && (!isOverBy(named, stop.atMs) || isUndatedEndOf(named, stop))) return named.ocppId",
    replace:
      "if (named === undefined || !isOverBy(named, stop.atMs)) return holdings.open()[0]?.ocppId ?? named?.ocppId"
  },
  {
    id: "asked-boot-is-a-restart",
    area,
    why: "An operator asks a station for its BootNotification, and everything is taken for new behind it, as after a restart.",
    file: "server/station/Holdings.ts",
    find: 'return this.boot === null || (!this.hasBooted && reason !== "Triggered")',
    replace: 'return this.boot === null || reason !== ""'
  },
  {
    id: "read-before-a-boot-lost",
    area,
    why: "What a station read before a power cut and tells behind it is let go, because it names no transaction.",
    file: whose,
    find: "started.receivedAtMs < boot.atMs && atMs >= secondOf(boot.atMs)",
    replace: "started.receivedAtMs < boot.atMs"
  },
  {
    id: "meter-stop-dropped",
    area,
    why: "Energy ends with the last periodic reading: meterStop is not kept as a reading.",
    file: stop,
    find: '[...samplesOf(request.transactionData ?? [], nowMs), onlyRegister(atMs, "End", request.meterStop)]',
    replace: "samplesOf(request.transactionData ?? [], nowMs)"
  },
  {
    id: "reading-without-id-dropped",
    area,
    why: "MeterValues without transactionId are thrown away, although one charge runs on that connector.",
    file: whose,
    find: "connectorId !== 0 && beginAtMs(it) <= atMs && !isAnothers",
    replace: "connectorId !== 0 && beginAtMs(it) < 0 && !isAnothers"
  },
  {
    id: "connector-2-is-1",
    area,
    why: "Two cars on connectors 1 and 2 share one place: the connector is taken for the connector of EVSE 1.",
    file: start,
    find: "evseId: request.connectorId,\n    connectorId: 1,",
    replace: "evseId: 1,\n    connectorId: request.connectorId,"
  },
  {
    id: "connector-0-overwrites",
    area,
    why: "The status of connector 0, the station as a whole, overwrites that of connector 1.",
    file: status,
    find: "evseId: request.connectorId,\n        connectorId: request.connectorId === 0 ? 0 : 1,",
    replace: "evseId: Math.max(1, request.connectorId),\n        connectorId: 1,"
  },
  {
    id: "pause-unseen",
    area,
    why: "SuspendedEV counts as Charging, so the idle fee of a full car is never billed.",
    file: states,
    find: 'return "SuspendedEV"\n',
    replace: 'return "Charging"\n'
  },
  {
    id: "station-pause-as-parking",
    area,
    why: "A pause that the station makes, SuspendedEVSE, is billed to the driver as parking.",
    file: states,
    find: 'return "SuspendedEVSE"\n',
    replace: 'return "SuspendedEV"\n'
  },
  {
    id: "start-by-arrival",
    area,
    why: "A start replayed after hours offline begins when it arrives: seen where the price came from the arrival, at night.",
    file: start,
    find: "const atMs = believed(request.timestamp, nowMs)",
    replace: "const atMs = nowMs"
  },
  {
    id: "stop-by-arrival",
    area,
    why: "A stop replayed after hours offline ends the charge when it arrives, and the hours are billed.",
    file: stop,
    find: "const atMs = believed(request.timestamp, nowMs)",
    replace: "const atMs = nowMs"
  },
  {
    id: "readings-by-arrival",
    area,
    why: "Readings replayed from an offline queue all get the instant of their arrival.",
    file: meter,
    find: "Instant.parse(value.timestamp) ?? nowMs",
    replace: "nowMs"
  }
]
