import { Layer } from "effect"
import type { Ids } from "#core/Ids.ts"
import { LiveEvents } from "./api/Events.ts"
import type { LiveView } from "./api/Live.ts"
import { Billing } from "./billing/Billing.ts"
import type { Books } from "./books/Books.ts"
import type { CorrectionStore } from "./corrections/CorrectionStore.ts"
import { Corrections } from "./corrections/Corrections.ts"
import type { Credentials } from "./credentials/Credentials.ts"
import type { Directory } from "./directory/Directory.ts"
import { costDisplay } from "./display/CostDisplay.ts"
import { type CollectionsOptions, collections } from "./dunning/Collections.ts"
import type { DebtStore } from "./dunning/DebtStore.ts"
import { Dunning } from "./dunning/Dunning.ts"
import type { InvoiceStore } from "./invoices/InvoiceStore.ts"
import type { LabRunStore } from "./lab/LabRunStore.ts"
import { LabRuns } from "./lab/LabRuns.ts"
import { Gateway, type GatewayOptions } from "./ocpp/Gateway.ts"
import type { OperationLog } from "./operations/OperationLog.ts"
import * as Operations from "./operations/Operations.ts"
import type { PaymentDesk } from "./payments/Desk.ts"
import * as Payments from "./payments/layers.ts"
import type { PaymentStore } from "./payments/PaymentStore.ts"
import * as GroupCommit from "./record/GroupCommit.ts"
import type { Journal } from "./record/Journal.ts"
import type { Recorder } from "./record/Recorder.ts"
import { ActiveTokens } from "./station/ActiveTokens.ts"
import { Closures } from "./station/Closures.ts"
import { Numbers } from "./station/Numbers.ts"
import { Owners } from "./station/Owners.ts"
import { sweeper } from "./station/Sweeper.ts"
import { Allowances } from "./subscriptions/Allowances.ts"
import type { SubscriptionStore } from "./subscriptions/SubscriptionStore.ts"
import { Subscriptions } from "./subscriptions/Subscriptions.ts"
import { Funds } from "./wallet/Funds.ts"
import type { WalletStore } from "./wallet/WalletStore.ts"
import { watch } from "./wallet/Watch.ts"

/** The ports of the store: PostgreSQL or memory. */
export type Stores =
  | Journal
  | Directory
  | Books
  | OperationLog
  | InvoiceStore
  | CorrectionStore
  | PaymentStore
  | LabRunStore
  | Credentials
  | WalletStore
  | SubscriptionStore
  | DebtStore

export interface Options extends GatewayOptions {
  readonly recorder?: GroupCommit.Settings
  /** Payments are off unless told. */
  readonly payments?: Payments.PaymentSettings
  /** How subscriptions and debts are looked after. */
  readonly collections?: CollectionsOptions
}

/**
 * The CMS without its sockets: stations come in through `Gateway.accept`, whether their transport is a WebSocket or a
 * pair in memory. The same layers ship and are simulated.
 */
export const layer = (
  options: Options
): Layer.Layer<
  | Gateway
  | LabRuns
  | LiveView
  | LiveEvents
  | Owners
  | Recorder
  | Billing
  | ActiveTokens
  | Numbers
  | PaymentDesk
  | Subscriptions
  | Dunning
  | Corrections
  | Closures
  | Allowances,
  never,
  Stores | Ids
> =>
  Layer.mergeAll(collections(options.collections), Corrections.layer, Closures.layer).pipe(
    Layer.provideMerge(Layer.merge(Subscriptions.layer, Dunning.layer)),
    Layer.provideMerge(Layer.mergeAll(Payments.layer(options.payments), LabRuns.layer, sweeper, costDisplay, watch())),
    Layer.provideMerge(Operations.layer),
    Layer.provideMerge(Gateway.layer(options)),
    Layer.provideMerge(Owners.layer),
    Layer.provideMerge(Funds.layer()),
    Layer.provideMerge(
      Layer.mergeAll(
        Billing.layer,
        ActiveTokens.layer,
        Numbers.layer,
        LiveEvents.layer(),
        GroupCommit.layerWith(options.recorder ?? {})
      )
    ),
    Layer.provideMerge(Allowances.layer)
  )
