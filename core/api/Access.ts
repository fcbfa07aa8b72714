import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import { Forbidden, InvalidRequest, ServerFault, Unauthorized, Unavailable } from "./Problems.ts"

/** Who asks as an operator: the API key the bearer token belongs to. */
export class Caller extends Context.Service<Caller, { readonly keyId: string; readonly name: string }>()(
  "core/api/Caller"
) {}

/** Who asks as a driver: sees what is this driver's and nothing else. */
export class DriverCaller extends Context.Service<
  DriverCaller,
  { readonly keyId: string; readonly driverId: string }
>()("core/api/DriverCaller") {}

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

const driverBearer = HttpApiSecurity.bearer.pipe(
  HttpApiSecurity.annotateMerge(
    OpenApi.annotations({ description: "`Authorization: Bearer TOKEN` with a driver's own token." })
  )
)

/** Nobody is served without an operator's bearer token. */
export class Access extends HttpApiMiddleware.Service<Access, { provides: Caller }>()("core/api/Access", {
  security: { bearer },
  error: [Unauthorized, Forbidden, Unavailable]
}) {}

/** Nobody is served without a driver's bearer token. */
export class DriverAccess extends HttpApiMiddleware.Service<DriverAccess, { provides: DriverCaller }>()(
  "core/api/DriverAccess",
  { security: { driverBearer }, error: [Unauthorized, Forbidden, Unavailable] }
) {}

/** Requests that do not fit the contract are answered with every place where they do not. */
export class Checked extends HttpApiMiddleware.Service<Checked>()("core/api/Checked", {
  error: [InvalidRequest, ServerFault]
}) {}
