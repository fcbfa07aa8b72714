import { type ParseArgsConfig, parseArgs } from "node:util"

/** Says what is wrong with how a program was called, and ends it with exit code 2. */
export const refuse = (why: string): never => {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}

/**
 * What a program of the tests was called with. `--help` prints `usage` and ends it; what it does not know is refused in a
 * line, followed by `usage`.
 */
export const commandLine = <const Options extends NonNullable<ParseArgsConfig["options"]>>(
  usage: string,
  options: Options,
  positionals: { readonly most: number } = { most: 0 }
) => {
  const given = attempt(usage, () =>
    parseArgs({
      options: { ...options, help: { type: "boolean" } } as Options & { help: { type: "boolean" } },
      allowPositionals: positionals.most > 0,
      allowNegative: true
    })
  )
  if ((given.values as { readonly help?: boolean }).help === true) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  if (given.positionals.length > positionals.most) {
    refuse(`${given.positionals[positionals.most]} is one argument too many\n\n${usage}`)
  }
  return given
}

const attempt = <A>(usage: string, parse: () => A): A => {
  try {
    return parse()
  } catch (error) {
    const [why] = String((error as Error).message).split(". To specify", 1)
    return refuse(`${why}\n\n${usage}`)
  }
}

/** A whole number from 1 up, as it was typed; anything else is refused. */
export const wholeNumber = (name: string, typed: string): number =>
  /^[1-9]\d{0,6}$/.test(typed) ? Number(typed) : refuse(`${name} is a whole number from 1 up, not ${typed}`)
