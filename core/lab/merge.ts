import { mergeSpread } from "./Spread.ts"
import { type Account, largest, type Side, type Tally } from "./Tally.ts"

const mergeSide = (into: Side, other: Side): void => {
  into.netMinor += other.netMinor
  into.grossMinor += other.grossMinor
  for (const [key, part] of other.parts) {
    const known = into.parts.get(key)
    if (known === undefined) into.parts.set(key, { ...part })
    else {
      known.lines += part.lines
      known.volume += part.volume
      known.netMinor += part.netMinor
      known.grossMinor += part.grossMinor
    }
  }
  mergeSpread(into.perSession, other.perSession)
  mergeSpread(into.perKwh, other.perKwh)
}

const mergeAccounts = (into: Map<string, Account>, other: ReadonlyMap<string, Account>, suffix: string): void => {
  for (const [key, account] of other) {
    const known = into.get(`${key}${suffix}`)
    if (known === undefined) into.set(`${key}${suffix}`, { ...account })
    else {
      known.sessions += account.sessions
      known.aMinor += account.aMinor
      known.bMinor += account.bMinor
    }
  }
}

/**
 * Takes another tally in, as if its sessions had been counted here. `driverSuffix` keeps the drivers of another seed
 * apart: they bear the same names and are other people.
 */
export const mergeTally = (into: Tally, other: Tally, driverSuffix = ""): void => {
  into.sessions += other.sessions
  into.unpriced += other.unpriced
  into.energyMilliWh += other.energyMilliWh
  into.occupiedMs += other.occupiedMs
  into.idleMs += other.idleMs
  into.firstDay = Math.min(into.firstDay, other.firstDay)
  into.lastDay = Math.max(into.lastDay, other.lastDay)
  for (let hour = 0; hour < 24; hour++) {
    into.occupiedByHour[hour]! += other.occupiedByHour[hour]!
    into.idleByHour[hour]! += other.idleByHour[hour]!
    into.energyByHour[hour]! += other.energyByHour[hour]!
  }
  into.costPico += other.costPico
  into.unpricedMilliWh += other.unpricedMilliWh
  mergeSide(into.a, other.a)
  mergeSide(into.b, other.b)
  into.dearer += other.dearer
  into.cheaper += other.cheaper
  mergeSpread(into.differences, other.differences)
  into.jumps += other.jumps
  const named = (changes: Tally["rises"]) => changes.map((it) => ({ ...it, payer: `${it.payer}${driverSuffix}` }))
  into.rises = largest(into.rises, named(other.rises))
  into.falls = largest(into.falls, named(other.falls))
  mergeAccounts(into.drivers, other.drivers, driverSuffix)
  mergeAccounts(into.stations, other.stations, "")
  mergeAccounts(into.sites, other.sites, "")
  for (const [index, reaction] of into.reactions.entries()) {
    const more = other.reactions[index]!
    reaction.sessionsPpm += more.sessionsPpm
    reaction.energyPpm += more.energyPpm
    reaction.idlePpm += more.idlePpm
    reaction.netPpm += more.netPpm
    reaction.costPpm += more.costPpm
  }
}
