import { runHistory } from "./historyRun.ts"

runHistory(null)
