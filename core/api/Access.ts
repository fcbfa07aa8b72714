import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import { InvalidRequest, ServerFault, Unauthorized, Unavailable } from "./Problems.ts"

/** Who asks: the API key the bearer token belongs to. */
export class Caller extends Context.Service<Caller, { readonly keyId: string; readonly name: string }>()(
  "core/api/Caller"
) {}

/** How long an endpoint may take before it answers 503; an endpoint that waits for a station is given more. */
export const PatienceMs = Context.Reference<number>("core/api/PatienceMs", { defaultValue: () => 30_000 })

const bearer = HttpApiSecurity.bearer.pipe(
  HttpApiSecurity.annotateMerge(
    OpenApi.annotations({
      description:
        "`Authorization: Bearer TOKEN`. The first token is printed when the server starts for the first time."
    })
  )
)

/** Nobody is served without a valid bearer token. */
export class Access extends HttpApiMiddleware.Service<Access, { provides: Caller }>()("core/api/Access", {
  security: { bearer },
  error: [Unauthorized, Unavailable]
}) {}

/** Requests that do not fit the contract are answered with every place where they do not. */
export class Checked extends HttpApiMiddleware.Service<Checked>()("core/api/Checked", {
  error: [InvalidRequest, ServerFault]
}) {}
