/** What a bank answers to an authorization. Codes are the provider's. */
export type Word =
  | { readonly _tag: "Approved" }
  | { readonly _tag: "Declined"; readonly code: string; readonly declineCode: string | null }

/** A no, with its codes. */
export type Decline = Extract<Word, { readonly _tag: "Declined" }>

export const approved: Word = { _tag: "Approved" }

/** A decline by the provider's decline code; three of them are error codes of their own. */
export const declined = (declineCode: string): Decline => {
  const own = ["expired_card", "incorrect_cvc", "processing_error", "authentication_required"]
  return {
    _tag: "Declined",
    code: own.includes(declineCode) ? declineCode : "card_declined",
    declineCode
  }
}

/** A card behind a test token: which brand it is, and how it and its bank behave. No number of any card exists here. */
export interface TestCard {
  readonly token: string
  readonly brand: string
  readonly word: Word
  /** `always`: the holder must prove to be there; `setup`: only where it was not set up for later use. */
  readonly challenge: "never" | "setup" | "always"
  /** Its holder disputes what is captured. */
  readonly disputes: boolean
  /** Refunds to it come back. */
  readonly refundFails: boolean
}

const good = (token: string, brand = "visa", more: Partial<TestCard> = {}): TestCard => ({
  token,
  brand,
  word: approved,
  challenge: "never",
  disputes: false,
  refundFails: false,
  ...more
})

const bad = (token: string, declineCode: string): TestCard => good(token, "visa", { word: declined(declineCode) })

/** The test tokens there are; those of declines also go by the brand's name (`pm_card_visa_chargeDeclined`). */
const cards: ReadonlyArray<TestCard> = [
  good("pm_card_visa"),
  good("pm_card_visa_debit"),
  good("pm_card_mastercard", "mastercard"),
  good("pm_card_amex", "amex"),
  bad("pm_card_chargeDeclined", "generic_decline"),
  bad("pm_card_chargeCustomerFail", "generic_decline"),
  bad("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
  bad("pm_card_chargeDeclinedLostCard", "lost_card"),
  bad("pm_card_chargeDeclinedStolenCard", "stolen_card"),
  bad("pm_card_chargeDeclinedFraudulent", "fraudulent"),
  bad("pm_card_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
  bad("pm_card_chargeDeclinedExpiredCard", "expired_card"),
  bad("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
  bad("pm_card_chargeDeclinedProcessingError", "processing_error"),
  good("pm_card_authenticationRequired", "visa", { challenge: "always" }),
  good("pm_card_threeDSecure2Required", "visa", { challenge: "always" }),
  good("pm_card_authenticationRequiredOnSetup", "visa", { challenge: "setup" }),
  good("pm_card_createDispute", "visa", { disputes: true }),
  good("pm_card_refundFail", "visa", { refundFails: true })
]

const byToken = new Map(cards.map((card) => [card.token, card]))

/** The card of a test token; undefined when there is none of that name. */
export const cardOf = (token: string): TestCard | undefined =>
  byToken.get(token) ?? byToken.get(token.replace("pm_card_visa_", "pm_card_"))

/** The tokens, for scenarios that draw one. */
export const testTokens: ReadonlyArray<string> = cards.map(({ token }) => token)
