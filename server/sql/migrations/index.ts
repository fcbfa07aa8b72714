import type { Migrations } from "#server/postgres/Migrations.ts"
import { directory } from "./0001_directory.ts"
import { journal } from "./0002_journal.ts"
import { ledger } from "./0003_ledger.ts"
import { openTokens } from "./0004_open_tokens.ts"
import { invoices } from "./0006_invoices.ts"
import { payments } from "./0008_payments.ts"
import { prices } from "./0009_prices.ts"
import { wallets } from "./0010_wallets.ts"
import { costDisplay } from "./0011_cost_display.ts"
import { drivers } from "./0014_drivers.ts"
import { subscriptions } from "./0015_subscriptions.ts"
import { labRuns } from "./0016_lab_runs.ts"
import { chargeOrders } from "./0017_charge_orders.ts"
import { chargeNames } from "./0018_charge_names.ts"
import { topUps } from "./0019_top_ups.ts"
import { corrections } from "./0020_corrections.ts"
import { resolutions } from "./0021_resolutions.ts"
import { disputes } from "./0022_disputes.ts"
import { labScenarios } from "./0023_lab_scenarios.ts"
import { debts } from "./0024_debts.ts"
import { paymentsCreated } from "./0025_payments_created.ts"
import { debtsTold } from "./0026_debts_told.ts"
import { bootAnswered } from "./0027_boot_answered.ts"

/** The schema, step by step. A step that was released is never edited. */
export const migrations: Migrations = {
  "0001_directory": directory,
  "0002_journal": journal,
  "0003_ledger": ledger,
  "0004_open_tokens": openTokens,
  "0006_invoices": invoices,
  "0008_payments": payments,
  "0009_prices": prices,
  "0010_wallets": wallets,
  "0011_cost_display": costDisplay,
  "0014_drivers": drivers,
  "0015_subscriptions": subscriptions,
  "0016_lab_runs": labRuns,
  "0017_charge_orders": chargeOrders,
  "0018_charge_names": chargeNames,
  "0019_top_ups": topUps,
  "0020_corrections": corrections,
  "0021_resolutions": resolutions,
  "0022_disputes": disputes,
  "0023_lab_scenarios": labScenarios,
  "0024_debts": debts,
  "0025_payments_created": paymentsCreated,
  "0026_debts_told": debtsTold,
  "0027_boot_answered": bootAnswered
}
