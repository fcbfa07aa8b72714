import { Effect, Layer } from "effect"
import type { Books } from "../books/Books.ts"
import type { Directory } from "../directory/Directory.ts"
import type { InvoiceStore } from "../invoices/InvoiceStore.ts"
import type { LabRunStore } from "../lab/LabRunStore.ts"
import type { OperationLog } from "../operations/OperationLog.ts"
import type { PaymentStore } from "../payments/PaymentStore.ts"
import type { Services } from "../postgres/Database.ts"
import { type MigrationFailed, migrate } from "../postgres/Migrations.ts"
import type { Journal, StoreUnavailable } from "../record/Journal.ts"
import * as books from "./books.ts"
import * as directory from "./directory.ts"
import * as invoices from "./invoices.ts"
import * as journal from "./journal.ts"
import * as labRuns from "./labRuns.ts"
import { migrations } from "./migrations/index.ts"
import * as operations from "./operations.ts"
import * as payments from "./payments.ts"

export { migrations } from "./migrations/index.ts"

/** Every port of the store on a database whose schema is up to date. */
export const layerMigrated: Layer.Layer<
  Journal | Directory | Books | OperationLog | InvoiceStore | LabRunStore | PaymentStore,
  StoreUnavailable,
  Services
> = Layer.mergeAll(
  journal.layer,
  directory.layer,
  books.layer,
  operations.layer,
  invoices.layer,
  labRuns.layer,
  payments.layer
)

/** The same; brings the schema up to date first. */
export const layer: Layer.Layer<
  Journal | Directory | Books | OperationLog | InvoiceStore | LabRunStore | PaymentStore,
  MigrationFailed | StoreUnavailable,
  Services
> = Layer.unwrap(Effect.as(migrate(migrations), layerMigrated))
