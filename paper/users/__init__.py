"""Who trades here: people, their passwords, tokens and API keys, and the trail of what was changed. Pure: no SQL, no HTTP.

records (what is stored of a user) → refusals → fields (what people may type) → passwords → signed_tokens (access,
invitations) → refresh_tokens → api_keys → attempts and addresses (who tries too often) → audit → directory (all
records in memory) → commands: joining, sessions, profiles, key_commands, trading_configs → key_ring (the keys at hand). A command takes the directory and returns the
records that it changes, to be applied and written as one, or refuses and has changed nothing.
"""
