import type { Mutant } from "../Mutant.ts"

const area = "rating"

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
    area,
    why: "A table of offsets by day: all of the day on which clocks change has the offset of its end.",
    file: "core/tariff/Zone.ts",
    find: "from.push(high)",
    replace: "from.push(dayAtMs)"
  }
]
