import { Effect, Layer } from "effect"
import type { Services } from "../postgres/Database.ts"
import { type MigrationFailed, migrate } from "../postgres/Migrations.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import type { Stores } from "../Server.ts"
import * as books from "./books.ts"
import * as corrections from "./corrections.ts"
import * as credentials from "./credentials.ts"
import * as debts from "./debts.ts"
import * as directory from "./directory.ts"
import * as invoices from "./invoices.ts"
import * as journal from "./journal.ts"
import * as labRuns from "./labRuns.ts"
import { migrations } from "./migrations/index.ts"
import * as operations from "./operations.ts"
import * as payments from "./payments.ts"
import * as subscriptions from "./subscriptions.ts"
import * as wallets from "./wallets.ts"

export { migrations } from "./migrations/index.ts"

/** Every port of the store on a database whose schema is up to date. */
export const layerMigrated: Layer.Layer<Stores, StoreUnavailable, Services> = Layer.mergeAll(
  journal.layer,
  directory.layer,
  books.layer,
  operations.layer,
  invoices.layer,
  corrections.layer,
  labRuns.layer,
  payments.layer,
  credentials.layer,
  wallets.layer,
  subscriptions.layer,
  debts.layer
)

/** The same; brings the schema up to date first. */
export const layer: Layer.Layer<Stores, MigrationFailed | StoreUnavailable, Services> = Layer.unwrap(
  Effect.as(migrate(migrations), layerMigrated)
)
