import { type PaymentCrashPoint, paymentCrashPoints } from "../paymentCrashPoints.ts"
import type { Crash } from "../Scenario.ts"
import { type SubscriptionCrashPoint, subscriptionCrashPoints } from "../subscriptionCrashPoints.ts"
import { isOfWallets } from "../walletCrashPoints.ts"
import type { CmsProcess } from "./CmsProcess.ts"
import type { PaymentTrigger } from "./PaymentTrigger.ts"
import type { SubscriptionTrigger } from "./SubscriptionTrigger.ts"
import type { WalletTrigger } from "./WalletTrigger.ts"

const isOfPayments = (point: string): point is PaymentCrashPoint => Object.hasOwn(paymentCrashPoints, point)

const isOfSubscriptions = (point: string): point is SubscriptionCrashPoint =>
  Object.hasOwn(subscriptionCrashPoints, point)

/** Where a crash is to strike: in the code that the trigger of its part stands in, or in the process. */
export const armed =
  (triggers: {
    readonly payments: PaymentTrigger | undefined
    readonly wallets: WalletTrigger | undefined
    readonly subscriptions: SubscriptionTrigger | undefined
  }) =>
  ({ point }: Crash, cms: CmsProcess): void => {
    if (isOfPayments(point)) triggers.payments?.arm(point)
    else if (isOfWallets(point)) triggers.wallets?.arm(point)
    else if (isOfSubscriptions(point)) triggers.subscriptions?.arm(point)
    else cms.crashAt(point)
  }
