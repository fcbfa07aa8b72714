import { runHistory } from "#server/lab/historyRun.ts"
import { labPage } from "../tarifflab/page.ts"

runHistory(labPage)
