import { links } from "../links.js";

// New links for each visitor: a page that is built once would show expired links.
export const dynamic = "force-dynamic";

export default async function Page() {
  return (
    <main>
      <h1>Private files</h1>
      <ul>
        {(await links()).map(({ name, url }) => (
          <li key={name}>
            <a href={url}>{name}</a>
          </li>
        ))}
      </ul>
    </main>
  );
}
