import { authorization } from "./areas/authorization.ts"
import { billingAndLedger } from "./areas/billing.ts"
import { corrections } from "./areas/corrections.ts"
import { directory, operations } from "./areas/desk.ts"
import { displays } from "./areas/displays.ts"
import { metering } from "./areas/metering.ts"
import { owing } from "./areas/owing.ts"
import { payments } from "./areas/payments.ts"
import { prices } from "./areas/prices.ts"
import { rating } from "./areas/rating.ts"
import { recovery } from "./areas/recovery.ts"
import { subscriptions } from "./areas/subscriptions.ts"
import { topUps } from "./areas/topUps.ts"
import { transactions2x } from "./areas/transactions2x.ts"
import { transactions16 } from "./areas/transactions16.ts"
import { wallets } from "./areas/wallets.ts"
import { connection, protocol, statusMutants } from "./areas/wire.ts"
import type { Mutant } from "./Mutant.ts"

/** Every mutant, area by area. */
export const catalogue: ReadonlyArray<Mutant> = [
  ...authorization,
  ...transactions16,
  ...transactions2x,
  ...metering,
  ...rating,
  ...prices,
  ...billingAndLedger,
  ...recovery,
  ...connection,
  ...protocol,
  ...statusMutants,
  ...operations,
  ...directory,
  ...wallets,
  ...topUps,
  ...displays,
  ...payments,
  ...corrections,
  ...owing,
  ...subscriptions
]
