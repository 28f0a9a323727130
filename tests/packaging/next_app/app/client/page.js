"use client";
import { useEffect, useState } from "react";

import { report } from "../../signing.js";

export default function Page() {
  const [text, setText] = useState("");
  useEffect(() => void report().then((found) => setText(JSON.stringify(found)), (error) => setText(JSON.stringify({ failed: String(error) }))), []);
  return <output>{text}</output>;
}
