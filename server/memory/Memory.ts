import { Layer } from "effect"
import type { Stores } from "../Server.ts"
import * as books from "./books.ts"
import * as corrections from "./corrections.ts"
import * as credentials from "./credentials.ts"
import * as debts from "./debts.ts"
import * as directory from "./directory.ts"
import * as invoices from "./invoices.ts"
import * as journal from "./journal.ts"
import * as labRuns from "./labRuns.ts"
import type { MemoryState } from "./MemoryState.ts"
import * as operations from "./operations.ts"
import * as payments from "./payments.ts"
import * as subscriptions from "./subscriptions.ts"
import * as wallets from "./wallets.ts"

export { MemoryState } from "./MemoryState.ts"

/**
 * Every port of the store over one state in memory. Nothing survives the process; what survives a simulated restart of
 * the server is the state, given to the next layer.
 */
export const layer = (state: MemoryState): Layer.Layer<Stores> =>
  Layer.mergeAll(
    journal.layer(state),
    directory.layer(state),
    books.layer(state),
    operations.layer(state),
    invoices.layer(state),
    corrections.layer(state),
    labRuns.layer(state),
    payments.layer(state),
    credentials.layer(state),
    wallets.layer(state),
    subscriptions.layer(state),
    debts.layer(state)
  )
