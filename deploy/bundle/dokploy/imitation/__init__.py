"""What Dokploy does with an import and at a deploy, in our own words: written from its observed behaviour.

It tells before the upload what would arrive: the Environment tab, the domains, the `.env` and the Compose text that
Compose is started with. Behaviour is that of Dokploy v0.30.2.
"""
