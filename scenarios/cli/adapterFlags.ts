import { Option, Result } from "effect"
import { Flag } from "effect/cli"
import { WrongUse } from "#server/cli/failures.ts"
import { names } from "../adapters/Catalogue.ts"
import type { ForeignBooks } from "../lab/foreign.ts"

const isUrl = (text: string): boolean => /^https?:\/\/./i.test(text) && URL.canParse(text)
const isOption = (text: string): boolean => /^[\w-]+=./.test(text)

/** How the books of a foreign CMS are read. */
export const adapterFlags = {
  adapter: Flag.String("adapter").pipe(
    Flag.withMetavar("name"),
    Flag.filter(
      (text) => names.includes(text),
      () => `one of ${names.join(", ")}`
    ),
    Flag.withDescription(`Reads and fills the books of --world remote's CMS: ${names.join(", ")}`),
    Flag.optional
  ),
  adapterUrl: Flag.String("adapter-url").pipe(
    Flag.withMetavar("url"),
    Flag.filter(isUrl, () => "the http:// or https:// URL of the CMS's own API"),
    Flag.withDescription("Where the CMS's own API listens"),
    Flag.optional
  ),
  adapterOption: Flag.String("adapter-option").pipe(
    Flag.withMetavar("name=value"),
    Flag.filter(isOption, () => "name=value"),
    Flag.withDescription("What else the adapter needs, as often as wanted: email=..., password=..."),
    Flag.between(0, 20)
  )
}

/** As the command line gives them. */
export interface AdapterGiven {
  readonly adapter: Option.Option<string>
  readonly adapterUrl: Option.Option<string>
  readonly adapterOption: ReadonlyArray<string>
}

const wrong = (message: string) => Result.fail(new WrongUse({ message }))

/** The books that are asked for; undefined when none are. */
export const booksOf = (
  { adapter, adapterUrl, adapterOption }: AdapterGiven,
  world: string
): Result.Result<ForeignBooks | undefined, WrongUse> => {
  if (Option.isNone(adapter)) {
    return Option.isNone(adapterUrl) && adapterOption.length === 0
      ? Result.succeed(undefined)
      : wrong("--adapter-url and --adapter-option need --adapter: which CMS it is.")
  }
  if (world !== "remote") return wrong("--adapter reads somebody else's books: add --world remote, or leave it out.")
  if (Option.isNone(adapterUrl)) return wrong("--adapter needs --adapter-url: where the CMS's own API listens.")
  const options = Object.fromEntries(adapterOption.map((text) => [text.slice(0, text.indexOf("=")), after(text)]))
  return Result.succeed({ adapter: adapter.value, url: adapterUrl.value.replace(/\/+$/, ""), options })
}

const after = (text: string): string => text.slice(text.indexOf("=") + 1)
