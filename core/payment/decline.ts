/**
 * Codes of a decline after which the same card is never tried again: the issuer has said that no later try can succeed,
 * or that the card is not its holder's to use. Every other code may pass (insufficient funds, an issuer that is away).
 */
const hardCodes: ReadonlySet<string> = new Set([
  "authentication_required",
  "card_not_supported",
  "currency_not_supported",
  "do_not_honor",
  "expired_card",
  "fraudulent",
  "incorrect_number",
  "invalid_account",
  "invalid_number",
  "lost_card",
  "merchant_blacklist",
  "new_account_information_available",
  "no_action_taken",
  "not_permitted",
  "pickup_card",
  "restricted_card",
  "revocation_of_all_authorizations",
  "revocation_of_authorization",
  "security_violation",
  "service_not_allowed",
  "stolen_card",
  "stop_payment_order",
  "testmode_decline",
  "transaction_not_allowed"
])

/** Whether a decline of that code is for good. */
export const isHard = (code: string | null): boolean => code !== null && hardCodes.has(code)

const words: Readonly<Record<string, string>> = {
  authentication_required: "Your bank wants you to confirm the payment yourself.",
  card_not_supported: "This card cannot be used for this payment.",
  expired_card: "The card has expired.",
  incorrect_cvc: "The security code is not right.",
  insufficient_funds: "The card has not enough funds for the amount to be held.",
  issuer_not_available: "Your bank cannot be reached just now. Try again in a moment.",
  processing_error: "Your bank could not process the payment. Try again in a moment."
}

/** A decline in words for the driver. It never tells that a card was reported lost or stolen. */
export const declineText = (code: string | null): string =>
  words[code ?? ""] ?? "Your bank declined the payment. Use another card or ask your bank."
