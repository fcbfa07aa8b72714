import type { Schema } from "effect"
import { SchemaParser } from "effect"
import * as SchemaCompiler from "effect/schema/SchemaCompiler"
import type { Registry, Validator } from "./Action.ts"

const compile = (schema: Schema.Codec<unknown>, check: Validator): void => {
  // A twin has an AST of its own, so the interpreter it is decoded by is not the one replaced below.
  const interpret = SchemaParser.decodeUnknownEffect(schema.annotate({}))
  SchemaCompiler.set(schema.ast, {
    decode: (input, options) =>
      options.onExcessProperty === "error" && check(input) === undefined ? input : SchemaCompiler.invalid,
    decodeEffect: interpret
  })
}

/**
 * Lets `Schema.decodeUnknown*` of a dialect's payload schemas run on the generated validators when unknown properties
 * are errors: what conforms costs the validator and is returned as it is, what does not is explained by Effect's
 * interpreter as before. Call it before the first decoder of a schema is made; without it everything is interpreted.
 */
export const install = (actions: Registry): void => {
  for (const action of Object.values(actions)) {
    compile(action.request, action.checkRequest)
    if (action.kind === "call") compile(action.response, action.checkResponse)
  }
}
