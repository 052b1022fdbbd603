import { connectApi, type Target } from "./api.ts";

/**
 * Makes `count` people on a server, as its administrator `admin`; resolves with each as a target. Every second one comes by
 * an API key, the others by a session.
 */
export async function makeUsers(admin: Target, count: number): Promise<Target[]> {
  const api = connectApi(admin, 1);
  const users: Target[] = [];
  try {
    while (users.length < count) {
      const name = `load${users.length}`;
      const person = { name, email: `${name}@example.com`, password: `a password of ${name}` };
      const { token } = (await api.call("POST", "/api/v1/auths/add", person)) as { token: string };
      const user = { ...admin, name, token };
      users.push(users.length % 2 === 0 ? user : { ...user, token: await makeKey(user) });
    }
  } finally {
    await api.close();
  }
  return users;
}

async function makeKey(user: Target): Promise<string> {
  const api = connectApi(user, 1);
  try {
    return ((await api.call("POST", "/api/v1/auths/api_key")) as { api_key: string }).api_key;
  } finally {
    await api.close();
  }
}
