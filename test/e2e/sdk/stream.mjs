// SPDX-License-Identifier: Apache-2.0
// Every event of the session that argv names, as the SDK yields it; ends when the SDK does.
import { makeClient, report, collect } from './client.mjs';

report(await collect(await makeClient().beta.sessions.events.stream(process.argv[2])));
