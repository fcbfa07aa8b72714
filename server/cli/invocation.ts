import type { CliError } from "effect/cli"

/** A value as it was typed, on one line and not too long of it. */
const shown = (value: string): string => {
  const printable = value.replace(/\p{Cc}/gu, "?")
  return `"${printable.length > 60 ? `${printable.slice(0, 59)}…` : printable}"`
}

/** `"a" | "b" | "c"` as `a, b or c`. */
const expectedIn = (expected: string): string =>
  expected
    .replaceAll('"', "")
    .replace(/ \| ([^|]*)$/, " or $1")
    .replaceAll(" | ", ", ")

/** What one error means, as a sentence that names the flag and what to give. */
const sentence = (error: CliError.NonShowHelpErrors | CliError.CliError): string => {
  switch (error._tag) {
    case "InvalidValue": {
      const name = error.kind === "flag" ? `--${error.option}` : `<${error.option}>`
      const expected = expectedIn(error.expected)
      if (error.value === "") return `${name} needs a value (${expected}).`
      if (error.expected.startsWith("at most 1 value")) return `${name} is given more than once: give it once.`
      // A token is a secret, even one that is too short.
      return `${name}${error.option === "token" ? "" : ` ${shown(error.value)}`} will not do: give ${expected}.`
    }
    case "UnrecognizedOption":
      return `There is no flag ${error.option} here.${didYouMean(error.suggestions)}`
    case "UnknownSubcommand":
      return `There is no command ${shown(error.subcommand)}.${didYouMean(error.suggestions)}`
    case "UnexpectedArgument":
      return `${error.arguments.map(shown).join(", ")} is too much: nothing is expected there.`
    case "MissingOption":
      return `--${error.option} is missing.`
    case "MissingArgument":
      return `<${error.argument}> is missing.`
    default:
      return error.message
  }
}

const didYouMean = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : ` Did you mean ${suggestions.join(" or ")}?`

/** What is wrong with a command line, a line each, and where to read on. */
export const explainInvocation = (
  commandPath: ReadonlyArray<string>,
  errors: ReadonlyArray<CliError.NonShowHelpErrors>
): string => {
  const command = commandPath.join(" ")
  return [...errors.map(sentence), `All that ${command} takes: ${command} --help`].join("\n")
}
