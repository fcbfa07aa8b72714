import type { Mutant } from "../Mutant.ts"

/** Sockets and who is behind them. */
export const connection: ReadonlyArray<Mutant> = [
  {
    id: "older-socket-wins",
    area: "connection",
    why: "A station whose old socket died unnoticed is turned away for as long as it is believed in: seen, 15 minutes.",
    file: "server/ocpp/Connections.ts",
    find: "if (!this.mayTakeOver(entry, nowMs)) {",
    replace: "if (nowMs >= 0) {"
  },
  {
    id: "late-close-removes-newer",
    area: "connection",
    why: "The late close of an old socket takes the newer connection off the register: clean-up by identity.",
    file: "server/ocpp/Connections.ts",
    find: "if (entry === undefined || entry.current.id !== registration.id) return false",
    replace: "if (entry === undefined) return false"
  },
  {
    id: "commands-to-dead-socket",
    area: "connection",
    why: "Of two sockets of a station the dead one gets the commands: seen.",
    file: "server/ocpp/Gateway.ts",
    find: "connected: (stationId) => connections.get(stationId)?.value.connected,",
    replace:
      "connected: ((first) => (stationId: string) => {\n      const now = connections.get(stationId)?.value.connected\n      if (now !== undefined && !first.has(stationId)) first.set(stationId, now)\n      return now === undefined ? undefined : first.get(stationId)\n    })(new Map<string, Connected>()),"
  },
  {
    id: "presence-lost",
    area: "connection",
    why: "A station that came back is shown offline: the disconnect of its old socket is written after its connect.",
    file: "server/ocpp/Gateway.ts",
    find: '    if (!wasCurrent) return\n    const atMs = clock.currentTimeMillisUnsafe()\n    events.publish({ _tag: "StationDisconnected", stationId, atMs })\n    disconnected(owner, atMs)',
    replace:
      "    const atMs = clock.currentTimeMillisUnsafe()\n    run(Effect.ignore(recorder.record({ stationId, epoch: null, presence: { disconnectedAtMs: atMs } })))"
  }
]

/** Frames, answers and what a flood meets. */
export const protocol: ReadonlyArray<Mutant> = [
  {
    id: "flood-refused",
    area: "protocol",
    why: "A limit of messages per station answers CALLERROR to one that flushes its offline queue, which loses them: seen.",
    file: "server/ocpp/Gateway.ts",
    find: "      if (!isHeldBack(action.name, session.owner.standing, triggered)) return handler(payload as never, session)\n",
    replace:
      "      const flood = session as { heard?: number }\n      flood.heard = (flood.heard ?? 0) + 1\n      if (nowMs() - connectedAtMs < 10_000 && flood.heard > 6) return refuseUnaccepted(dialect)\n      if (!isHeldBack(action.name, session.owner.standing, triggered)) return handler(payload as never, session)\n"
  },
  {
    id: "errors-unanswered",
    area: "protocol",
    why: "A handler that fails leaves its CALL without an answer, and the station waits for its timeout.",
    file: "core/ocpp/peer/Inbound.ts",
    find: "if (!this.ended) {\n      if (outcome",
    replace: 'if (!this.ended && outcome === "Result") {\n      if (outcome'
  },
  {
    id: "local-time-as-utc",
    area: "protocol",
    why: "Heartbeat answers local time as if it were UTC, and every station sets its clock by it.",
    file: "server/ocpp/v16/Heartbeat.ts",
    find: "Instant.format(nowMs())",
    replace: "Instant.format(nowMs() + 3_600_000)"
  },
  {
    id: "boot-time-in-wrong-zone",
    area: "protocol",
    why: "BootNotification answers a currentTime that is an hour off, as where a server writes its local time with a Z.",
    file: "server/ocpp/v2x/BootNotification.ts",
    find: "currentTime: Instant.format(atMs)",
    replace: "currentTime: Instant.format(atMs + 3_600_000)"
  },
  {
    id: "answer-to-the-wrong-call",
    area: "protocol",
    why: "An answer carries the id of the call behind it when two are queued: the id is kept in a field and not with the call.",
    file: "core/ocpp/peer/Inbound.ts",
    find: "this.exitOf(effect, (exit) => this.answer(action, messageId, exit, remembered))",
    replace:
      "this.exitOf(effect, (exit) => this.answer(action, this.inbox[this.head]?.item.messageId ?? messageId, exit, remembered))"
  },
  {
    id: "id-token-info-missing",
    area: "protocol",
    why: "The answer to an event with an idToken lacks idTokenInfo, which 2.x requires: the station stops the charge.",
    file: "server/ocpp/v2x/TransactionEvent.ts",
    find: 'return { idTokenInfo: isStranger ? { status: "Invalid" } : idTokenInfo(judgement) }',
    replace:
      'return isStranger ? { idTokenInfo: { status: "Invalid" } } : { idTokenInfo: { ...idTokenInfo(judgement), status: "Invalid" } }'
  },
  {
    id: "replay-by-id",
    area: "protocol",
    why: "A repeated message id is answered with the last answer of that id, though the message is another.",
    file: "core/ocpp/peer/Replay.ts",
    find: "if (entry.messageId === messageId && entry.text === text) return entry",
    replace: "return entry"
  }
]

/** What is shown of connectors. */
export const statusMutants: ReadonlyArray<Mutant> = [
  {
    id: "status-by-arrival",
    area: "status",
    why: "A status that comes late overwrites a newer one: the order of arrival counts, not the timestamp.",
    file: "server/station/StationOwner.ts",
    find: "const isNews = this.holdings.isNews(connector, this.services.clocks.surelyShown(this.station.id, nowMs), nowMs)",
    replace: "const isNews = true"
  },
  {
    id: "status-only-forward",
    area: "status",
    why: "A status with the timestamp of the one before is dropped as a repetition; stations tell time by the second.",
    file: "server/station/Holdings.ts",
    find: "connector.statusAtMs >= known.statusAtMs) return true",
    replace: "connector.statusAtMs > known.statusAtMs) return true"
  },
  {
    id: "status-of-evse-2",
    area: "status",
    why: "The status of EVSE 2 is shown at EVSE 1: the connector's number is taken for the EVSE's.",
    file: "server/ocpp/v2x/StatusNotification.ts",
    find: "evseId: request.evseId,",
    replace: "evseId: request.connectorId,"
  },
  {
    id: "status-not-kept",
    area: "status",
    why: "A status is announced and not written: after a restart the map shows the old one.",
    file: "server/station/StationOwner.ts",
    find: "const own = { stationId: this.station.id, epoch: this.epoch, connectors: isNews ? [connector] : [] }",
    replace: "const own = { stationId: this.station.id, epoch: this.epoch }"
  },
  {
    id: "status-behind-boot-dropped",
    area: "status",
    why: "The StatusNotification right behind a boot is dropped, because the station does not exist yet: seen.",
    file: "server/station/StationOwner.ts",
    find: "return this.turn.take(() => this.takeStatus(connector, nowMs))",
    replace:
      "if (this.holdings.boot !== null && nowMs - this.holdings.boot.atMs < 500) return Effect.void\n    return this.turn.take(() => this.takeStatus(connector, nowMs))"
  }
]
