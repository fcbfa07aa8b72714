import { create } from "xmlbuilder2"
import { dayOf } from "#core/invoice/days.ts"
import { ratePpmOf } from "#core/invoice/draft.ts"
import type { Invoice, InvoiceLine, InvoiceTax } from "#core/invoice/Invoice.ts"
import type { Address, Buyer } from "#core/invoice/Party.ts"
import { feeNameOf, nameOf, textsOf } from "#core/invoice/texts.ts"
import { formatMinor, roundHalfAwayFromZero, scaled, unscaled } from "#core/Money.ts"
import { isAmount } from "#core/tariff/Rating.ts"

/**
 * Documents as UN/CEFACT Cross Industry Invoices (D16B), the syntax that EN 16931-3-3 binds: `en16931` is what a ZUGFeRD
 * PDF carries, `xrechnung` what German authorities take.
 */
export type Profile = "en16931" | "xrechnung"

const guidelines: Readonly<Record<Profile, string>> = {
  en16931: "urn:cen.eu:en16931:2017",
  xrechnung: "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
}

/** What a document lacks to be an electronic invoice of that profile; empty when it can be one. */
export const missingFor = (invoice: Invoice, profile: Profile): ReadonlyArray<string> => {
  const { buyer, seller } = invoice
  const missing: Array<string> = []
  if (buyer === null) return ["buyer"]
  if (buyer.address === null) missing.push("buyer.address")
  if (seller.vatId === null) missing.push("seller.vatId")
  if (profile === "xrechnung") {
    if (buyer.reference === null) missing.push("buyer.reference")
    if (buyer.email === null) missing.push("buyer.email")
    if (seller.bank === null) missing.push("seller.bank")
  }
  return missing
}

/** The document as XML; a document that lacks something ({@link missingFor}) is a defect of the caller. */
export const ciiOf = (invoice: Invoice, profile: Profile): string => {
  const { buyer } = invoice
  if (buyer === null || missingFor(invoice, profile).length > 0) {
    throw new Error(`${invoice.id} lacks ${missingFor(invoice, profile).join(", ")}`)
  }
  const document = {
    "rsm:CrossIndustryInvoice": {
      "@xmlns:rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
      "@xmlns:ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
      "@xmlns:udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
      "@xmlns:qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
      "rsm:ExchangedDocumentContext": {
        ...(profile === "xrechnung" && {
          "ram:BusinessProcessSpecifiedDocumentContextParameter": {
            "ram:ID": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
          }
        }),
        "ram:GuidelineSpecifiedDocumentContextParameter": { "ram:ID": guidelines[profile] }
      },
      "rsm:ExchangedDocument": {
        "ram:ID": invoice.id,
        "ram:TypeCode": invoice.kind === "credit-note" ? "381" : "380",
        "ram:IssueDateTime": day(invoice.issueDate),
        ...(invoice.credits !== null && { "ram:IncludedNote": { "ram:Content": invoice.credits.reason } })
      },
      "rsm:SupplyChainTradeTransaction": {
        "ram:IncludedSupplyChainTradeLineItem": invoice.lines.map((line) => lineOf(invoice, line)),
        "ram:ApplicableHeaderTradeAgreement": {
          ...(buyer.reference !== null && { "ram:BuyerReference": buyer.reference }),
          "ram:SellerTradeParty": sellerOf(invoice),
          "ram:BuyerTradeParty": buyerOf(buyer)
        },
        "ram:ApplicableHeaderTradeDelivery": {},
        "ram:ApplicableHeaderTradeSettlement": settlementOf(invoice)
      }
    }
  }
  return create({ version: "1.0", encoding: "UTF-8" }, document).end({ prettyPrint: true })
}

const day = (text: string) => ({ "udt:DateTimeString": { "@format": "102", "#": text.replaceAll("-", "") } })

const addressOf = (address: Address) => ({
  "ram:PostcodeCode": address.postCode,
  "ram:LineOne": address.line1,
  ...(address.line2 !== null && { "ram:LineTwo": address.line2 }),
  "ram:CityName": address.city,
  "ram:CountryID": address.country
})

const mailOf = (email: string) => ({ "ram:URIID": { "@schemeID": "EM", "#": email } })

const sellerOf = ({ seller }: Invoice) => ({
  "ram:Name": seller.name,
  "ram:DefinedTradeContact": {
    "ram:PersonName": seller.contact.name,
    "ram:TelephoneUniversalCommunication": { "ram:CompleteNumber": seller.contact.phone },
    "ram:EmailURIUniversalCommunication": { "ram:URIID": seller.contact.email }
  },
  "ram:PostalTradeAddress": addressOf(seller.address),
  "ram:URIUniversalCommunication": mailOf(seller.contact.email),
  "ram:SpecifiedTaxRegistration": [
    ...(seller.taxNumber === null ? [] : [{ "ram:ID": { "@schemeID": "FC", "#": seller.taxNumber } }]),
    ...(seller.vatId === null ? [] : [{ "ram:ID": { "@schemeID": "VA", "#": seller.vatId } }])
  ]
})

const buyerOf = (buyer: Buyer) => ({
  "ram:Name": buyer.name,
  ...(buyer.contact !== null && { "ram:DefinedTradeContact": { "ram:PersonName": buyer.contact } }),
  ...(buyer.address !== null && { "ram:PostalTradeAddress": addressOf(buyer.address) }),
  ...(buyer.email !== null && { "ram:URIUniversalCommunication": mailOf(buyer.email) }),
  ...(buyer.vatId !== null && {
    "ram:SpecifiedTaxRegistration": { "ram:ID": { "@schemeID": "VA", "#": buyer.vatId } }
  })
})

/** Quantity, unit and net price of a line, as exact decimals; hours are told in seconds, of which 3600 have the price. */
export const measureOf = (line: InvoiceLine, currency: string) => {
  if (isAmount(line) || line.dimension === "FEE") {
    const isNegative = line.netMinor < 0n
    const price = formatMinor(isNegative ? -line.netMinor : line.netMinor, currency)
    return { quantity: isNegative ? "-1" : "1", unit: "C62", basis: "1", price }
  }
  const price = netPriceOf(line)
  if (line.dimension === "ENERGY") {
    return { quantity: unscaled(BigInt(line.volume), 6), unit: "KWH", basis: "1", price }
  }
  if (line.dimension === "FLAT") return { quantity: String(line.volume), unit: "C62", basis: "1", price }
  return { quantity: unscaled(BigInt(line.volume), 3), unit: "SEC", basis: "3600", price }
}

/** The price without tax: what is inside a gross price has eight decimals. */
const netPriceOf = (line: InvoiceLine): string => {
  const micros = scaled(line.unitPrice, 6) ?? 0n
  if (!line.priceIncludesTax) return unscaled(micros, 6, 2)
  return unscaled(roundHalfAwayFromZero(micros * 100_000_000n, 1_000_000n + ratePpmOf(line.ratePercent)), 8, 2)
}

const lineOf = (invoice: Invoice, line: InvoiceLine) => {
  const session = invoice.sessions[line.session]
  const texts = textsOf(invoice.language)
  const { quantity, unit, basis, price } = measureOf(line, invoice.currency)
  const register =
    line.dimension === "ENERGY" && line.adjustment === null && session !== undefined && session.register !== null
      ? `, ${texts.register} ${unscaled(BigInt(session.register.startWh), 3)} - ${unscaled(BigInt(session.register.stopWh), 3)} kWh`
      : ""
  return {
    "ram:AssociatedDocumentLineDocument": { "ram:LineID": String(line.number) },
    "ram:SpecifiedTradeProduct": {
      "ram:Name": nameOf(texts, line),
      "ram:Description":
        session === undefined
          ? feeNameOf(texts, line)
          : `${session.stationId}, EVSE ${session.evseId}, ${session.transactionId}${register}`
    },
    "ram:SpecifiedLineTradeAgreement": {
      "ram:NetPriceProductTradePrice": {
        "ram:ChargeAmount": price,
        "ram:BasisQuantity": { "@unitCode": unit, "#": basis }
      }
    },
    "ram:SpecifiedLineTradeDelivery": { "ram:BilledQuantity": { "@unitCode": unit, "#": quantity } },
    "ram:SpecifiedLineTradeSettlement": {
      "ram:ApplicableTradeTax": {
        "ram:TypeCode": "VAT",
        "ram:CategoryCode": line.category,
        "ram:RateApplicablePercent": line.ratePercent
      },
      "ram:BillingSpecifiedPeriod": {
        "ram:StartDateTime": day(
          session === undefined ? (line.fee?.fromDay ?? invoice.periodFrom) : dayOf(session.startAtMs, session.timeZone)
        ),
        "ram:EndDateTime": day(
          session === undefined ? (line.fee?.toDay ?? invoice.periodTo) : dayOf(session.endAtMs, session.timeZone)
        )
      },
      "ram:SpecifiedTradeSettlementLineMonetarySummation": {
        "ram:LineTotalAmount": formatMinor(line.netMinor, invoice.currency)
      }
    }
  }
}

const taxOf = (tax: InvoiceTax, currency: string) => ({
  "ram:CalculatedAmount": formatMinor(tax.taxMinor, currency),
  "ram:TypeCode": "VAT",
  ...(tax.exemptionReason !== null && { "ram:ExemptionReason": tax.exemptionReason }),
  "ram:BasisAmount": formatMinor(tax.netMinor, currency),
  "ram:CategoryCode": tax.category,
  "ram:RateApplicablePercent": tax.ratePercent
})

const settlementOf = (invoice: Invoice) => {
  const { currency, seller } = invoice
  const money = (amountMinor: bigint) => formatMinor(amountMinor, currency)
  const texts = textsOf(invoice.language)
  const terms = invoice.kind === "credit-note" ? texts.reverse : texts.payNow
  return {
    "ram:PaymentReference": invoice.id,
    "ram:InvoiceCurrencyCode": currency,
    "ram:SpecifiedTradeSettlementPaymentMeans":
      seller.bank === null
        ? { "ram:TypeCode": "1" }
        : {
            "ram:TypeCode": "58",
            "ram:PayeePartyCreditorFinancialAccount": {
              "ram:IBANID": seller.bank.iban,
              "ram:AccountName": seller.name
            },
            ...(seller.bank.bic !== null && {
              "ram:PayeeSpecifiedCreditorFinancialInstitution": { "ram:BICID": seller.bank.bic }
            })
          },
    "ram:ApplicableTradeTax": invoice.taxes.map((tax) => taxOf(tax, currency)),
    "ram:BillingSpecifiedPeriod": {
      "ram:StartDateTime": day(invoice.periodFrom),
      "ram:EndDateTime": day(invoice.periodTo)
    },
    "ram:SpecifiedTradePaymentTerms":
      invoice.dueDate === null ? { "ram:Description": terms } : { "ram:DueDateDateTime": day(invoice.dueDate) },
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation": {
      "ram:LineTotalAmount": money(invoice.netMinor),
      "ram:TaxBasisTotalAmount": money(invoice.netMinor),
      "ram:TaxTotalAmount": { "@currencyID": currency, "#": money(invoice.taxMinor) },
      ...(invoice.roundingMinor !== 0n && { "ram:RoundingAmount": money(invoice.roundingMinor) }),
      "ram:GrandTotalAmount": money(invoice.grossMinor),
      "ram:DuePayableAmount": money(invoice.payableMinor)
    },
    ...(invoice.credits !== null && {
      "ram:InvoiceReferencedDocument": {
        "ram:IssuerAssignedID": invoice.credits.id,
        "ram:FormattedIssueDateTime": {
          "qdt:DateTimeString": { "@format": "102", "#": invoice.credits.issueDate.replaceAll("-", "") }
        }
      }
    })
  }
}
