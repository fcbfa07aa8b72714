import type { DriverGroup as DriverGroupView, Membership as MembershipView } from "#core/api/DriverGroups.ts"
import type { Driver as DriverView } from "#core/api/Drivers.ts"
import type { Fact, Finding as FindingView, Reading } from "#core/api/Facts.ts"
import type { Connector as ConnectorView, Evse, Station as StationView } from "#core/api/Stations.ts"
import type { Token as TokenView } from "#core/api/Tokens.ts"
import type { Transaction as TransactionView } from "#core/api/Transactions.ts"
import type { Driver } from "#core/driver/Driver.ts"
import type { DriverGroup, Membership } from "#core/driver/Group.ts"
import * as Instant from "#core/Instant.ts"
import { unscaled } from "#core/Money.ts"
import type { Boot, Connector, Presence, Station } from "#core/station/Station.ts"
import type { Token } from "#core/token/Token.ts"
import type { LocalCost } from "#core/transaction/localCost.ts"
import type { Finding } from "#core/transaction/measure.ts"
import type { StoredFact, StoredSample, TransactionRow } from "../record/Unit.ts"
import type { Running } from "./Live.ts"

/** The domain as the contract shows it. */

/** An instant that may be missing. */
const at = (atMs: number | null): string | null => (atMs === null ? null : Instant.format(atMs))

export const stationView = (station: Station, presence: Presence | undefined): typeof StationView.Type => ({
  id: station.id,
  name: station.name,
  securityProfile: station.securityProfile,
  registration: station.registration,
  strictness: station.strictness,
  siteId: station.siteId,
  timeZone: station.timeZone,
  tariffId: station.tariffId,
  costDisplay: station.costDisplay,
  createdAt: Instant.format(station.createdAtMs),
  connection:
    presence === undefined
      ? null
      : {
          dialect: presence.dialect,
          connectedAt: Instant.format(presence.connectedAtMs),
          remoteAddress: presence.remoteAddress
        }
})

export const bootView = ({ atMs, ...boot }: Boot) => ({ ...boot, at: Instant.format(atMs) })

const connectorView = (connector: Connector): typeof ConnectorView.Type => ({
  connectorId: connector.connectorId,
  status: connector.status,
  errorCode: connector.errorCode,
  info: connector.info,
  statusAt: Instant.format(connector.statusAtMs)
})

/** Connectors under their EVSEs, both in the order of their numbers. */
export const evsesView = (connectors: ReadonlyArray<Connector>): ReadonlyArray<typeof Evse.Type> => {
  const byEvse = new Map<number, Array<Connector>>()
  for (const connector of connectors) {
    const known = byEvse.get(connector.evseId)
    if (known === undefined) byEvse.set(connector.evseId, [connector])
    else known.push(connector)
  }
  return [...byEvse]
    .sort(([a], [b]) => a - b)
    .map(([evseId, own]) => ({
      evseId,
      connectors: own.sort((a, b) => a.connectorId - b.connectorId).map(connectorView)
    }))
}

export const driverView = ({ createdAtMs, ...driver }: Driver): typeof DriverView.Type => ({
  ...driver,
  createdAt: Instant.format(createdAtMs)
})

export const groupView = ({ createdAtMs, ...group }: DriverGroup): typeof DriverGroupView.Type => ({
  ...group,
  createdAt: Instant.format(createdAtMs)
})

export const membershipView = ({ groupId, sinceMs, untilMs }: Membership): typeof MembershipView.Type => ({
  groupId,
  since: Instant.format(sinceMs),
  until: at(untilMs)
})

export const tokenView = (token: Token): typeof TokenView.Type => ({
  uid: token.uid,
  type: token.type,
  groupId: token.groupId,
  driverId: token.driverId,
  partnerId: token.partnerId,
  expiresAt: at(token.expiresAtMs),
  blockedAt: at(token.blockedAtMs),
  concurrencyLimit: token.concurrencyLimit,
  allowedStations: token.allowedStations,
  createdAt: Instant.format(token.createdAtMs)
})

const findingView = ({ code, atMs, text, costs }: Finding): typeof FindingView.Type => ({
  code,
  at: at(atMs),
  text,
  ...(costs !== undefined && { costs })
})

export const transactionView = (row: TransactionRow): typeof TransactionView.Type => ({
  id: row.id,
  stationId: row.stationId,
  dialect: row.dialect,
  ocppId: row.ocppId,
  evseId: row.evseId,
  connectorId: row.connectorId,
  status: row.status,
  startedAt: at(row.startedAtMs),
  endedAt: at(row.endedAtMs),
  token: row.token,
  driverId: row.driverId,
  authorization: row.authorization,
  stopReason: row.stopReason,
  energyWh: row.energyWh,
  findings: row.findings.map(findingView),
  tariff: row.tariff,
  timeZone: row.timeZone,
  cdrId: row.cdrId
})

export const runningView = (running: Running | undefined) =>
  running === undefined
    ? null
    : { at: Instant.format(running.atMs), energyWh: running.energyWh, powerW: running.powerW }

export const factView = ({ seq, fact }: StoredFact): typeof Fact.Type => {
  const at = Instant.format(fact.atMs)
  switch (fact._tag) {
    case "Started": {
      const { _tag, atMs, receivedAtMs, ...rest } = fact
      return { seq, type: _tag, at, receivedAt: Instant.format(receivedAtMs), ...rest }
    }
    case "Ended": {
      const { _tag, atMs, receivedAtMs, localCost, groupId: _groupId, ...rest } = fact
      return { seq, type: _tag, at, receivedAt: Instant.format(receivedAtMs), ...rest, localCost: costView(localCost) }
    }
    case "Closed": {
      const { receivedAtMs, why, reason = null, by = null } = fact
      return { seq, type: "Closed", at, receivedAt: Instant.format(receivedAtMs), why, reason, by }
    }
    case "Authorized": {
      const { _tag, atMs, limited: _, ...rest } = fact
      return { seq, type: _tag, at, ...rest }
    }
    case "StateChanged":
      return { seq, type: "StateChanged", at, state: fact.state, seqNo: fact.seqNo }
    case "Noted":
      return { seq, type: "Noted", at, seqNo: fact.seqNo }
    case "LimitSet": {
      const { maxWh, maxMs, maxMinor } = fact
      return { seq, type: "LimitSet", at, maxWh, maxMs, maxMinor, keptByStation: fact.keptByStation === true }
    }
    case "Corrected": {
      const { id: correctionId, reason, tariff, cdrId } = fact
      return { seq, type: "Corrected", at, correctionId, reason, tariff, cdrId }
    }
    case "Settled":
      return { seq, type: "Settled", at, cdrId: fact.cdrId, revision: fact.revision }
  }
}

const costView = (cost: LocalCost | undefined) =>
  cost === undefined
    ? null
    : { currency: cost.currency, net: decimal(cost.netMicros), gross: decimal(cost.grossMicros) }

const decimal = (micros: number | null): string | null => (micros === null ? null : unscaled(BigInt(micros), 6, 2))

export const readingView = ({ receivedAtMs, sample }: StoredSample): typeof Reading.Type => {
  const { atMs, ...rest } = sample
  return { at: Instant.format(atMs), receivedAt: Instant.format(receivedAtMs), ...rest }
}
