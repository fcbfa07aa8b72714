import type { Seller } from "#core/invoice/Party.ts"

/** Who issues the documents of a run. */
export const seller: Seller = {
  id: "network",
  name: "Musternetz GmbH",
  registration: "Amtsgericht Musterstadt, HRB 4711",
  address: { line1: "Ladestraße 1", line2: null, postCode: "12345", city: "Musterstadt", country: "DE" },
  vatId: "DE123456789",
  taxNumber: null,
  contact: { name: "Kundendienst", phone: "+49 30 1234567", email: "rechnung@musternetz.example" },
  bank: { name: "Musterbank", iban: "DE02120300000000202051", bic: "BYLADEM1001" },
  timeZone: "Europe/Berlin",
  paymentDays: 14,
  invoicePrefix: "RE",
  creditPrefix: "GS",
  exemptionReason: "Kein Ausweis von Umsatzsteuer"
}
