import type { Mutant } from "../Mutant.ts"

const area = "assignment"

/** Which tariff holds for whom, where and when. */
export const prices: ReadonlyArray<Mutant> = [
  {
    id: "place-before-payer",
    area,
    why: "What is assigned to a place comes before every agreement: the precedence is turned round.",
    file: "core/tariff/assign/ladder.ts",
    find: "if (slot.groupId === null) return 8 + place",
    replace: "if (slot.groupId === null) return place - 8"
  },
  {
    id: "retired-for-nobody",
    area,
    why: "A retired version goes on pricing new transactions: the instant is written and nobody asks for it.",
    file: "core/tariff/life.ts",
    find: "retiredAtMs === null || atMs < retiredAtMs)",
    replace: "retiredAtMs === null || atMs >= 0)"
  },
  {
    id: "clocks-change-at-midnight",
    area: "rating",
    why: "A table of offsets by day: all of the day on which clocks change has the offset of its end.",
    file: "core/tariff/Zone.ts",
    find: "from.push(high)",
    replace: "from.push(dayAtMs)"
  },
  {
    id: "assigned-on-arrival",
    area,
    why: "A start told late is priced by what is assigned when it arrives: a change of price lists reaches into the past.",
    file: "server/billing/freeze.ts",
    find: "climb(directory, rungsAt(payer, spot, assignments, atMs), payer.groups, atMs)",
    replace: "climb(directory, rungsAt(payer, spot, assignments, Number.MAX_SAFE_INTEGER), payer.groups, atMs)"
  },
  {
    id: "groups-on-arrival",
    area,
    why: "Who left the company last month gets its price for what he charged before, or not: the groups of today count.",
    file: "server/billing/freeze.ts",
    find: "groups: groupsAt(token.memberships, atMs)",
    replace: "groups: groupsAt(token.memberships, Number.MAX_SAFE_INTEGER)"
  },
  {
    id: "card-after-plug",
    area,
    why: "A charge that began with the plug is priced for nobody, though its card has an agreement: frozen before the card.",
    file: "server/station/frozenAnew.ts",
    find: "presented !== null && !stops && (authorized === null || atMs < authorized.atMs)",
    replace: "presented !== null && !stops && authorized !== null && atMs < authorized.atMs"
  },
  {
    id: "newest-version-holds",
    area,
    why: "The version published last holds, whatever is scheduled: tomorrow's price is asked from today on.",
    file: "core/tariff/life.ts",
    find: "return Result.getOrUndefined(select(standing, atMs))",
    replace: "return standing.toSorted((a, b) => a.version - b.version).at(-1)"
  },
  {
    id: "retired-for-the-past",
    area,
    why: "Retiring a version reaches into the past: a start that is told late finds nothing, and its charge is given away.",
    file: "core/tariff/life.ts",
    find: "retiredAtMs === null || atMs < retiredAtMs)",
    replace: "retiredAtMs === null)"
  },
  {
    id: "site-prices-ignored",
    area,
    why: "What is assigned to a site is kept and never asked: only stations and the network are looked at.",
    file: "server/billing/freeze.ts",
    find: "const spot = { stationId: station.id, evseId, siteId: station.siteId }",
    replace: "const spot = { stationId: station.id, evseId, siteId: null }"
  },
  {
    id: "taken-back-still-holds",
    area,
    why: "An assignment that was taken back still holds: nothing is assigned anew, so the last one that was counts.",
    file: "core/tariff/assign/ladder.ts",
    find: "    if (known < 0) ranked.push({ rank, slot, tariffId })",
    replace: "    if (tariffId === null) continue\n    if (known < 0) ranked.push({ rank, slot, tariffId })"
  },
  {
    id: "evse-price-at-the-station",
    area,
    why: "A price for one EVSE is that of the whole station: the EVSE of an assignment is not compared.",
    file: "core/tariff/assign/ladder.ts",
    find: "          : slot.evseId === spot.evseId\n            ? 0\n            : null",
    replace: "          : 0"
  }
]
