"""The rehearsal: an embedded Discord on loopback, with a room in the browser.

    async with Rehearsal() as discord_:               # server.py puts everything together
        with discord_.attach():                       # discord.py now talks to this server alone
            ...                                       # run a bot with discord_.token
            ada = discord_.person("Ada")              # people.py
            handle = await ada.slash("compose", prompt="rain", duration=5)
            clip = await discord_.wait_for_message(lambda m: m["attachments"])

What there is:  world.py permissions.py snowflakes.py
What people do: people.py onlookers.py handle.py acts.py typed_options.py filled_forms.py
                resolutions.py sentences.py
What happens:   events.py postbox.py threads.py marks.py grants.py interactions.py answers.py
                witness.py
What is right:  rules.py form_rules.py command_rules.py reach.py refusals.py
What is sent:   payloads.py place_payloads.py payload_defaults.py dispatches.py mark_dispatches.py
Who is served:  rest*.py bot_access.py gateway*.py cdn.py room_*.py bodies.py loopback.py
                rate_limits.py
What goes wrong on demand: faults.py
"""
