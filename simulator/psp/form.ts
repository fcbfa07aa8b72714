/** A form's values by name; nested names (`metadata[session]`, `expand[0]`) make nested forms. All leaves are text. */
export interface Form {
  readonly [name: string]: Form | string
}

interface Draft {
  [name: string]: Draft | string
}

/** Deeper names than these are not the API's. */
const depthLimit = 8

const decode = (text: string): string => decodeURIComponent(text.replaceAll("+", " "))

/** `a[b][c]` as a, b, c. */
const pathOf = (name: string): ReadonlyArray<string> => name.replaceAll("]", "").split("[").slice(0, depthLimit)

/** Reads `application/x-www-form-urlencoded` as this API understands it; an empty index takes the next free number. */
export const parseForm = (text: string): Form => {
  const form: Draft = Object.create(null)
  for (const pair of text.split("&")) {
    if (pair === "") continue
    const cut = pair.indexOf("=")
    const path = pathOf(decode(cut < 0 ? pair : pair.slice(0, cut)))
    let at: Draft = form
    for (const [depth, step] of path.entries()) {
      const name = step === "" ? String(Object.keys(at).length) : step
      if (depth === path.length - 1) at[name] = cut < 0 ? "" : decode(pair.slice(cut + 1))
      else {
        const inner = at[name]
        const next: Draft = typeof inner === "object" ? inner : Object.create(null)
        at[name] = next
        at = next
      }
    }
  }
  return form
}

/** A value that is text, undefined when it is not given. */
export const textOf = (form: Form, name: string): string | undefined => {
  const value = form[name]
  return typeof value === "string" ? value : undefined
}

/** A nested form; empty when it is not given. */
export const formOf = (form: Form, name: string): Form => {
  const value = form[name]
  return typeof value === "object" ? value : {}
}

/** A whole number in decimal digits; undefined when it is not given, null when it is none. */
export const wholeOf = (form: Form, name: string): number | null | undefined => {
  const text = textOf(form, name)
  if (text === undefined || text === "") return undefined
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null
}

/** The texts of a list, in the order of its indices. */
export const listOf = (form: Form, name: string): ReadonlyArray<string> =>
  Object.values(formOf(form, name)).filter((value) => typeof value === "string")

/** The texts of a nested form, as metadata is given. */
export const textsOf = (form: Form, name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(formOf(form, name)).filter(([, value]) => typeof value === "string")) as Record<
    string,
    string
  >

/** The form in an order of its own, to tell whether two are the same. */
export const canonical = (form: Form): string => {
  const parts: Array<string> = []
  for (const name of Object.keys(form).sort()) {
    const value = form[name]!
    parts.push(`${JSON.stringify(name)}:${typeof value === "string" ? JSON.stringify(value) : canonical(value)}`)
  }
  return `{${parts.join(",")}}`
}
