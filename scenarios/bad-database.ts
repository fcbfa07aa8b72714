import { fleetCard } from "./fleet-card.ts"
import type { Scenario } from "./Scenario.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A database that loses connections, deadlocks, runs full and answers too late, under everything that has to do with money. */
export const badDatabase: Scenario = {
  ...fleetCard,
  name: "bad-database",
  title: "A database that fails one request after the other, in every way that databases fail",
  shows:
    "That a statement which failed, a transaction that was rolled back and a commit that nobody knows of cost time and " +
    "nothing else: no charge, no payment, no top-up and no budget is lost, doubled or left behind.",
  stations: 8,
  days: 1,
  people: {
    ...fleetCard.people!,
    manners: {
      ...fleetCard.people!.manners,
      startsBy: [
        ["card", 40],
        ["app", 30],
        ["cardAndApp", 5],
        ["qr", 25]
      ]
    }
  },
  crashes: [],
  troubles: [],
  database: { everyMs: minuteMs / 2, times: [1, 8], ratio: 0.3 },
  healedBeforeEndMs: hourMs,
  seed: "bad-database"
}
