import { Schema } from "effect"

/** A postal address (EN 16931 BG-5, BG-8). Country is ISO 3166-1 alpha-2. */
export const Address = Schema.Struct({
  line1: Schema.String,
  line2: Schema.NullOr(Schema.String),
  postCode: Schema.String,
  city: Schema.String,
  country: Schema.String
})

/** The legal entity that issues: what a document says of its sender, and how it numbers and asks for payment. */
export const Seller = Schema.Struct({
  /** Ours; documents of one entity share its series. */
  id: Schema.String,
  name: Schema.String,
  /** As the commercial register has it: court and number. */
  registration: Schema.NullOr(Schema.String),
  address: Address,
  vatId: Schema.NullOr(Schema.String),
  taxNumber: Schema.NullOr(Schema.String),
  contact: Schema.Struct({ name: Schema.String, phone: Schema.String, email: Schema.String }),
  bank: Schema.NullOr(
    Schema.Struct({ name: Schema.NullOr(Schema.String), iban: Schema.String, bic: Schema.NullOr(Schema.String) })
  ),
  /** In which days and months begin and end for it. */
  timeZone: Schema.String,
  /** Days until a document is to be paid; 0: at once. */
  paymentDays: Schema.Int,
  invoicePrefix: Schema.String,
  creditPrefix: Schema.String,
  /** Why no VAT is shown where a tariff names none. */
  exemptionReason: Schema.String
})

/** Who gets the document. */
export const Buyer = Schema.Struct({
  name: Schema.String,
  /** The person within the company, where there is one. */
  contact: Schema.NullOr(Schema.String),
  address: Schema.NullOr(Address),
  vatId: Schema.NullOr(Schema.String),
  email: Schema.NullOr(Schema.String),
  /** What the buyer wants to find on it (BT-10): an order's number, the Leitweg-ID of an authority. */
  reference: Schema.NullOr(Schema.String)
})

/** What a document says beyond the driver's name and address of email; kept per driver. */
export const BillingProfile = Schema.Struct({
  driverId: Schema.String,
  language: Schema.Literals(["de", "en"]),
  company: Schema.NullOr(Schema.String),
  address: Schema.NullOr(Address),
  vatId: Schema.NullOr(Schema.String),
  reference: Schema.NullOr(Schema.String)
})

export type Address = typeof Address.Type
export type Seller = typeof Seller.Type
export type Buyer = typeof Buyer.Type
export type BillingProfile = typeof BillingProfile.Type
export type Language = BillingProfile["language"]

export const decodeSeller = Schema.decodeUnknownResult(Seller, { onExcessProperty: "error" })
export const decodeProfile = Schema.decodeUnknownResult(BillingProfile, { onExcessProperty: "error" })

/** A driver with what is known for billing, as a document's recipient. */
export const buyerOf = (
  driver: { readonly name: string; readonly email: string | null },
  profile: BillingProfile | undefined
): Buyer => ({
  name: profile?.company ?? driver.name,
  contact: profile?.company == null ? null : driver.name,
  address: profile?.address ?? null,
  vatId: profile?.vatId ?? null,
  email: driver.email,
  reference: profile?.reference ?? null
})

const germanSpeaking = ["DE", "AT", "CH", "LI"]

/** The language of a driver's documents: the one that was told, else that of the seller's country. */
export const languageOf = (seller: Seller, profile: BillingProfile | undefined): Language =>
  profile?.language ?? (germanSpeaking.includes(seller.address.country) ? "de" : "en")
