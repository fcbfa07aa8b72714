/** On which side an account grows. */
export type NormalSide = "debit" | "credit" | "both"

/** One account, or all accounts of one prefix. */
export interface AccountKind {
  /** The first part of the account's name, up to the first colon. */
  readonly name: string
  readonly normal: NormalSide
  readonly use: string
}

/** Every kind of account there is. What is posted elsewhere is a mistake of the one who posts. */
export const accountKinds: ReadonlyArray<AccountKind> = [
  { name: "receivable", normal: "debit", use: "owed to us, by driver, token or partner" },
  { name: "psp_clearing", normal: "debit", use: "captured by a payment provider and not paid out yet" },
  { name: "bank", normal: "debit", use: "money in a bank account" },
  { name: "psp_fees", normal: "debit", use: "what payment providers keep" },
  { name: "vat_input", normal: "debit", use: "VAT that we paid" },
  { name: "bad_debt", normal: "debit", use: "receivables given up" },
  { name: "goodwill", normal: "debit", use: "given away to keep a customer" },
  { name: "chargeback", normal: "debit", use: "taken back by a card's issuer" },
  { name: "revenue", normal: "credit", use: "net, by what earned it" },
  { name: "vat_payable", normal: "credit", use: "VAT owed to the state, by country and rate" },
  { name: "wallet", normal: "credit", use: "prepaid by a driver: owed by us" },
  { name: "deposit", normal: "credit", use: "held for a driver: owed by us" },
  { name: "payable", normal: "credit", use: "owed by us to operators and hosts" },
  { name: "unclaimed", normal: "credit", use: "money that came and that nobody claims, kept by hand" },
  { name: "rounding", normal: "both", use: "between what sessions come to and what documents round to" },
  { name: "auth_hold", normal: "both", use: "memo of holds on cards; no profit, no loss" }
]

const byName = new Map(accountKinds.map((kind) => [kind.name, kind]))

/** The kind of an account, by its name up to the first colon; undefined when no such account may exist. */
export const accountKindOf = (account: string): AccountKind | undefined => {
  const colon = account.indexOf(":")
  return byName.get(colon < 0 ? account : account.slice(0, colon))
}

/** Where documents and sessions round differently. */
export const rounding = "rounding"
