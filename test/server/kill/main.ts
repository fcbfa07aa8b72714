/**
 * Kills the server, its database or both at random moments under load, again and again, and compares the books with what
 * the stations saw acknowledged. Outside of CI.
 */
import { commandLine, wholeNumber } from "../../support/commandLine.ts"
import { run } from "./run.ts"

const { values } = commandLine(
  "npm run test:kill -- [--kills 100] [--stations 200] [--seed kill] [--pace MILLISECONDS]",
  {
    kills: { type: "string", default: "100" },
    stations: { type: "string", default: "200" },
    seed: { type: "string", default: "kill" },
    pace: { type: "string", default: "100" }
  }
)

const report = await run({
  kills: wholeNumber("--kills", values.kills),
  stations: wholeNumber("--stations", values.stations),
  seed: values.seed,
  paceMs: wholeNumber("--pace", values.pace),
  keep: true,
  log: console.log
})
const { failures, ...figures } = report
console.log(JSON.stringify(figures, undefined, 2))
for (const failure of failures.slice(0, 50)) console.log(`FAILED ${failure}`)
console.log(failures.length === 0 ? "nothing was lost and nothing was booked twice" : `${failures.length} failures`)
process.exit(failures.length === 0 ? 0 : 1)
