import type { Books } from "./Books.ts"
import { type Form, formOf, listOf, textOf, wholeOf } from "./form.ts"
import { page } from "./objects.ts"
import { invalid, ok, type Reply } from "./Reply.ts"

/** An object that a name stands for, wherever it is kept. */
const resolve = (books: Books, id: string): object | undefined => {
  switch (id.slice(0, id.indexOf("_"))) {
    case "pi":
      return books.intents.get(id)
    case "ch":
      return books.charges.get(id)
    case "cus":
      return books.customers.get(id)
    case "pm":
      return books.methods.get(id)
    case "txn":
      return books.transactions.has(id) ? books.transaction(id) : undefined
    case "re":
      return books.refunds.get(id)
    case "du":
      return books.disputes.get(id)
    case "po":
      return books.payouts.get(id)
    default:
      return undefined
  }
}

type Plain = Record<string, unknown>

const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value)

/** Puts an object in the place of its name along one path (`latest_charge.balance_transaction`, `data.customer`). */
const expandAt = (books: Books, object: Plain, path: ReadonlyArray<string>): void => {
  const [step, ...rest] = path
  if (step === undefined) return
  const there = object[step]
  if (typeof there === "string") {
    const found = resolve(books, there)
    if (found !== undefined) object[step] = structuredClone(found)
  }
  const inner = object[step]
  if (Array.isArray(inner)) for (const one of inner) expandAt(books, one, rest)
  else if (isPlain(inner)) expandAt(books, inner, rest)
}

/** A charge carries its refunds where they are asked for. */
const withRefunds = (books: Books, object: Plain): Plain => {
  if (object.object !== "charge") return object
  const own = [...books.refunds.values()].filter(({ charge }) => charge === object.id).reverse()
  return { ...object, refunds: page(`/v1/charges/${object.id}/refunds`, own, false) }
}

/** The answer with what was asked to be expanded in it; the provider's own objects stay as they are. */
export const expanded = (books: Books, reply: Reply, form: Form): Reply => {
  const paths = listOf(form, "expand")
  if (paths.length === 0 || reply.status !== 200) return reply
  const body = structuredClone(reply.body) as Plain
  for (const path of paths) {
    const steps = path.split(".")
    const last = steps.at(-1) === "refunds" ? steps.slice(0, -1) : undefined
    expandAt(books, body, last ?? steps)
    if (last !== undefined) addRefunds(books, body, last)
  }
  return { ...reply, body }
}

const addRefunds = (books: Books, object: Plain, path: ReadonlyArray<string>): void => {
  const [step, ...rest] = path
  if (step === undefined) {
    Object.assign(object, withRefunds(books, object))
    return
  }
  const inner = object[step]
  if (Array.isArray(inner)) for (const one of inner) addRefunds(books, one, rest)
  else if (isPlain(inner)) addRefunds(books, inner, rest)
}

interface Listed {
  readonly id: string
  readonly created: number
}

/** What lists can be narrowed by, beside the instant: a parameter and the field that must equal it. */
const fields = ["customer", "payment_intent", "charge", "type", "status", "source", "currency"]

/** A list, newest first, with the API's cursors. */
export const listed = <A extends Listed>(
  url: string,
  form: Form,
  all: Iterable<A>,
  more: (one: A) => boolean = () => true
): Reply => {
  const limit = Math.min(wholeOf(form, "limit") ?? 10, 100)
  const created = formOf(form, "created")
  const bound = (name: string, otherwise: number) => wholeOf(created, name) ?? otherwise
  const exactly = wholeOf(form, "created")
  const types = listOf(form, "types")
  const rows = [...all].reverse().filter((one) => {
    const plain = one as unknown as Plain
    for (const field of fields) {
      const wanted = textOf(form, field)
      if (wanted !== undefined && field in plain && plain[field] !== wanted) return false
    }
    if (types.length > 0 && !types.includes(String(plain.type))) return false
    const at = one.created
    if (exactly !== undefined && at !== exactly) return false
    const isIn = at >= bound("gte", 0) && at > bound("gt", -1) && at <= bound("lte", at) && at < bound("lt", at + 1)
    return isIn && more(one)
  })
  const after = textOf(form, "starting_after")
  const before = textOf(form, "ending_before")
  if (before !== undefined) {
    const end = rows.findIndex(({ id }) => id === before)
    const earlier = rows.slice(0, Math.max(0, end))
    return ok(page(url, earlier.slice(-limit), earlier.length > limit))
  }
  const start = after === undefined ? 0 : rows.findIndex(({ id }) => id === after) + 1
  return ok(page(url, rows.slice(start, start + limit), rows.length > start + limit))
}

const term = /^\s*(?:metadata\[["']([^"']+)["']\]|(status|customer|currency))\s*:\s*["']([^"']*)["']\s*$/

/** A search by metadata, status, customer or currency; all terms joined by AND must hold. Only what is indexed is found. */
export const search = <A extends Listed & { readonly metadata: Readonly<Record<string, string>> }>(
  books: Books,
  url: string,
  form: Form,
  all: Iterable<A>
): Reply => {
  const tests: Array<(one: A) => boolean> = []
  for (const part of (textOf(form, "query") ?? "").split(/\bAND\b/)) {
    const parts = term.exec(part)
    if (parts === null) return invalid("We were unable to parse your search query.", "query", "parameter_invalid")
    const [, key, field, value] = parts
    tests.push((one) => (key === undefined ? (one as Plain)[field!] : one.metadata[key]) === value)
  }
  const limit = Math.min(wholeOf(form, "limit") ?? 10, 100)
  const rows = [...all].reverse().filter((one) => books.isIndexed(one.id) && tests.every((test) => test(one)))
  const skipped = wholeOf(form, "page") ?? 0
  const next = skipped + limit
  return ok({
    object: "search_result",
    url,
    has_more: rows.length > next,
    next_page: rows.length > next ? String(next) : null,
    data: rows.slice(skipped, next)
  })
}
