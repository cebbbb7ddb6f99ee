// A real provider (oidc-provider, certified) as a city runs one, on a free port of this machine:
// node unified_provider.mjs REDIRECT_URI POST_LOGOUT_URI; says its issuer in one line and serves
// until its input ends. Whoever signs in as x is called 演示x; "holder" carries an ID number.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [redirect, afterwards, number] = process.argv.slice(2);
const server = createServer((request, response) => answer(request, response));
let answer;

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "onevisit",
        client_secret: "only:for/tests",
        redirect_uris: [redirect],
        post_logout_redirect_uris: [afterwards],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    claims: { openid: ["sub"], profile: ["name", "id_number"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `演示${id}`,
        ...(id === "holder" ? { id_number: number } : {}),
      }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ["only-for-tests"] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
  });
  answer = provider.callback();
  console.log(issuer);
});
process.stdin.on("end", () => process.exit(0)).resume();
