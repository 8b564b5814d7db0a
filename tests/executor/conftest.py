from hypothesis import settings

# How long an example takes on a busy machine says nothing about the law.
settings.register_profile("without-deadline", deadline=None)
settings.load_profile("without-deadline")
