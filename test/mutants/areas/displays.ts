import type { Mutant } from "../Mutant.ts"

const area = "displays"
const display = "server/display/CostDisplay.ts"

/** What drivers see of the cost while they charge, and at its end. */
export const displays: ReadonlyArray<Mutant> = [
  {
    id: "display-without-tax",
    area,
    why: "Drivers complain at the charger: 1.6 displays show net prices, and the bill is a fifth dearer.",
    file: "core/display/costMessages.ts",
    find: "cost: wireAmount(rating.grossMinor, rating.currency),",
    replace: "cost: wireAmount(rating.netMinor, rating.currency),"
  },
  {
    id: "display-in-cents",
    area,
    why: "Displays show 1,240.00 for a charge of 12.40: the wire's currency units are taken for minor ones.",
    file: "core/display/costMessages.ts",
    find: "Number(formatMinor(amountMinor, currency))",
    replace: "Number(amountMinor)"
  },
  {
    id: "display-told-once",
    area,
    why: "The cost on the display stands still from its first figure on: a charge is told of when it is new, and never again.",
    file: display,
    find: "nowMs < known.atMs + everyMs",
    replace: "nowMs >= known.atMs"
  },
  {
    id: "display-by-our-name",
    area,
    why: "2.x stations ignore the costs that they are told: they name the transaction as the CMS does and not as the station.",
    file: display,
    find: "{ totalCost, transactionId: transaction.ocppId }",
    replace: "{ totalCost, transactionId: transaction.id }"
  },
  {
    id: "final-cost-told-once",
    area,
    why: "After a restart at the wrong moment a 1.6 driver never sees what he pays: a stop that comes again has no bill in it.",
    file: display,
    find: "if (isBilled || before === after)",
    replace: "if (isBilled)"
  },
  {
    id: "display-where-there-is-none",
    area,
    why: "Posts without a display log errors all day: whoever did not say that it shows no costs is told them.",
    file: "core/display/showsCost.ts",
    find: 'costDisplay === "auto" && isEnabled === true && isAvailable !== false',
    replace: 'costDisplay === "auto"'
  },
  {
    id: "tariff-21-without-end",
    area,
    why: "Stations that price by themselves show the morning's price all day: what they are given has no end of its hours.",
    file: "core/tariff/formats/ocppExport.ts",
    find: "    ...(it.endMinute !== null && { endTimeOfDay: time(it.endMinute) }),\n",
    replace: ""
  },
  {
    id: "cost-limit-in-cents",
    area,
    why: "A driver wants to spend 5.00, and the station that keeps that is told 500: currency units and minor ones mixed up.",
    file: "server/ocpp/v2x/transactionLimit.ts",
    find: "{ maxCost: wireAmount(BigInt(maxMinor), currency) }",
    replace: "{ maxCost: maxMinor }"
  },
  {
    id: "priced-by-our-name",
    area,
    why: "Stations answer TxNotFound whenever a running charge is to be priced anew: it is named as the CMS names it.",
    file: "server/operations/translateTariffs.ts",
    find: "transactionId: transaction!.ocppId, tariff: wire",
    replace: "transactionId: transaction!.id, tariff: wire"
  },
  {
    id: "limit-takes-the-turn",
    area,
    why: "Whoever changes how far his charge is to go sees the cost stand still: a commit without news of it counts as a figure told.",
    file: display,
    find: "if (known !== undefined && isLimitAlone) return",
    replace: "if (known === undefined && isLimitAlone) return"
  }
]
